package dev.flipside.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RepoCommandTest {
    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Map<String, String> environment, String... arguments) {
        return new FlipsideImage(
                        List.of(
                                KeyCommand.command(new BuildClock(java.util.Map.of())),
                                RepoCommand.command(new BuildClock(environment))))
                .run(
                        new Console(
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8),
                                false,
                                false),
                        arguments);
    }

    private String repository() {
        return folder.resolve("repo").toString();
    }

    private int init(Map<String, String> environment, String... more) {
        String[] arguments = {
            "repo", "init", "--repo", repository(), "--keys", folder.resolve("keys").toString()
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return run(environment, all);
    }

    @Test
    void generatesAKey() {
        String name = folder.resolve("a").toString();
        assertEquals(0, run(Map.of(), "key", "generate", "--algorithm", "ed25519", "--out", name));
        assertTrue(Files.exists(folder.resolve("a.key.pem")));
        assertTrue(Files.exists(folder.resolve("a.pub.pem")));
        assertEquals(12, run(Map.of(), "key", "generate", "--algorithm", "ed25519", "--out", name));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("[output-exists]"));
        assertEquals(12, run(Map.of(), "key", "generate", "--algorithm", "dsa", "--out", name));
    }

    @Test
    void takesTheTimeFromTheEnvironment() throws IOException {
        assertEquals(0, init(Map.of("SOURCE_DATE_EPOCH", "1795000000"), "--expires-days", "2"));
        String timestamp = Files.readString(folder.resolve("repo/metadata/timestamp.json"));
        assertTrue(timestamp.contains("\"expires\":\"2026-11-20T11:06:40Z\""), timestamp);
        out.reset();
        assertEquals(
                0,
                run(
                        Map.of("SOURCE_DATE_EPOCH", "1795000000"),
                        "repo",
                        "verify",
                        "--repo",
                        repository(),
                        "--json"));
        assertEquals(
                "{\"event\":\"result\",\"releases\":0,\"channels\":0,\"blobs\":0,\"metadataFiles\":4,\"unreachedFiles\":0,"
                        + "\"freshUntil\":\"2026-11-20T11:06:40Z\",\"expiresFirst\":\"targets\"}\n",
                out.toString(StandardCharsets.UTF_8));
        assertEquals(
                10,
                run(
                        Map.of("SOURCE_DATE_EPOCH", "1795172800"),
                        "repo",
                        "verify",
                        "--repo",
                        repository()));
    }

    @Test
    void refusesATimeOrALifetimeOutOfRange() {
        assertEquals(12, init(Map.of("SOURCE_DATE_EPOCH", "yesterday")));
        assertEquals(12, init(Map.of("SOURCE_DATE_EPOCH", "999999999999")));
        assertEquals(12, init(Map.of(), "--expires-days", "0"));
        assertEquals(12, init(Map.of(), "--root-expires-days", "3651"));
        assertTrue(Files.notExists(folder.resolve("repo")));
    }

    @Test
    void refusesToPromoteWithoutAReleaseOrForAnUnknownArchitecture() {
        assertEquals(0, init(Map.of()));
        String keys = folder.resolve("keys").toString();
        assertEquals(
                12,
                run(
                        Map.of(),
                        "repo",
                        "promote",
                        "--repo",
                        repository(),
                        "--keys",
                        keys,
                        "--channel",
                        "stable",
                        "--version",
                        "1"));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("[input-missing]"));
        assertEquals(
                12,
                run(
                        Map.of(),
                        "repo",
                        "promote",
                        "--repo",
                        repository(),
                        "--keys",
                        keys,
                        "--arch",
                        "mips",
                        "--channel",
                        "stable",
                        "--version",
                        "1"));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("[argument-invalid]"));
    }
}
