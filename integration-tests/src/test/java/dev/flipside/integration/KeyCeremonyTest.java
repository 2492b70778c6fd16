package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the page about key ceremonies, run as they stand there. */
final class KeyCeremonyTest {
    private static final Path PAGE = Path.of("../docs/how-to/key-ceremony.md");
    private static final Pattern COMMANDS = Pattern.compile("(?s)```sh\n(.*?)```");
    private static final long MINUTES = 5;

    @TempDir Path folder;

    @Test
    void thePageLeadsFromNothingToARepositoryWhoseKeysAreOffline() throws Exception {
        SmallReleases.build(SmallRoot.of("1"), "1", folder);
        Files.move(folder.resolve("1"), folder.resolve("release-1"));
        Path programs = Files.createDirectory(folder.resolve("programs"));
        CommandLine.flipsideImage().writeTo(programs);
        Path script = folder.resolve("ceremony.sh");
        Files.writeString(script, "set -eu\n" + commands());

        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder("sh", script.toString());
        builder.environment().merge("PATH", programs.toString(), (old, own) -> own + ":" + old);
        Process process =
                builder.directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();
        String said = Files.readString(output);
        assertTrue(ended, said);
        assertEquals(0, process.exitValue(), said);
        assertTrue(said.contains("1 releases, 1 channels"), said);
        for (String secret : List.of("root", "targets")) {
            assertTrue(Files.notExists(folder.resolve("keys/" + secret + "-1.key.pem")));
        }
    }

    private static String commands() throws IOException {
        return COMMANDS.matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.joining());
    }
}
