package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/reference/keys.md, run one after the other. */
class KeysReferenceTest {
    private static final Path PAGE = Path.of("../docs/reference/keys.md");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final String COMMAND = "flipside-image ";

    @TempDir Path folder;

    private int builds;

    @Test
    void everyCommandOfThePageRuns() throws Exception {
        Files.createDirectory(folder.resolve("keys"));
        List<String> commands =
                Files.readString(PAGE).lines().filter(line -> line.startsWith(COMMAND)).toList();
        assertTrue(commands.size() >= 13, commands.toString());
        for (String command : commands) {
            CommandLine.flipsideImage().check(arguments(command).toArray());
        }
        assertEquals(2, builds);
    }

    @Test
    void theScriptOfThePageSigns() throws Exception {
        CommandLine image = CommandLine.flipsideImage();
        image.check("key", "generate", "--algorithm", "rsa-3072", "--out", folder.resolve("db"));
        String page = Files.readString(PAGE);
        int start = page.indexOf("#!/bin/sh");
        String script =
                page.substring(start, page.indexOf("```", start))
                        .replace("db.", folder.resolve("db") + ".")
                        .replace("openssl", String.join(" ", Tools.find("openssl").command()));
        Path file = Files.writeString(folder.resolve("sign.sh"), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        Path certificate = folder.resolve("db.crt.pem");
        image.check(
                "key", "certificate", "--key", "exec:" + file, "--name", "c", "--out", certificate);
        Tools.find("openssl").check("verify", "-CAfile", certificate, certificate);
    }

    /** The page leaves out what is no matter of keys; paths are those of the test's folder. */
    private List<Object> arguments(String command) throws Exception {
        List<Object> arguments = new ArrayList<>();
        for (MatchResult word :
                WORD.matcher(command.substring(COMMAND.length())).results().toList()) {
            String text = word.group(1) == null ? word.group(2) : word.group(1);
            if (text.startsWith("keys")) {
                arguments.add(folder.resolve(text));
            } else if (text.equals("release")) {
                arguments.add(release());
            } else if (!text.equals("…")) {
                arguments.add(text);
            }
        }
        if (arguments.getFirst().equals("build")) {
            builds++;
            Path tar = SmallRoot.of("1").writeTar(folder.resolve("root.tar"));
            arguments.addAll(List.of("--rootfs", tar, "--product", "small", "--version", "1"));
            arguments.addAll(List.of("--out", release()));
        } else if (arguments.getFirst().equals("disk")) {
            arguments.addAll(List.of("--release", release(), "--out", folder.resolve("disk.raw")));
            arguments.addAll(List.of("--size", "256MiB", "--slot-size", "16MiB"));
            arguments.addAll(List.of("--esp-size", "64MiB"));
        }
        return arguments;
    }

    private Path release() {
        return folder.resolve("release-" + builds);
    }
}
