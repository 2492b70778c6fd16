package dev.flipside.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.release.TestingRoot;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BuildCommandTest {
    @TempDir private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int build(String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "build",
                                "--rootfs",
                                TestingRoot.tar().in(folder).toString(),
                                "--product",
                                "edge",
                                "--version",
                                "1",
                                "--out",
                                folder.resolve("out").toString()));
        arguments.addAll(List.of(more));
        Console console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        false);
        return new FlipsideImage(List.of(BuildCommand.command(new BuildClock(java.util.Map.of()))))
                .run(console, arguments.toArray(String[]::new));
    }

    @Test
    void saysWhatItBuilt() throws Exception {
        assertEquals(0, build("--pack-level", "1", "--salt", "00FF", "--verity", "root"));
        String printed = out.toString(StandardCharsets.UTF_8);
        assertTrue(printed.startsWith("edge 1 for x86-64 in "), printed);
        assertEquals(2, printed.lines().count(), printed);
        assertEquals(
                List.of(
                        "flipside-image: warning: package database of dpkg or RPM in the image: found none; the SBOM lists no packages"),
                err.toString(StandardCharsets.UTF_8).lines().toList());
        assertTrue(Files.exists(folder.resolve("out").resolve("release.json")));
    }

    @Test
    void printsJsonLinesForPrograms() throws Exception {
        assertEquals(0, build("--pack-level", "1", "--json"));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertTrue(
                lines.getFirst().startsWith("{\"event\":\"progress\",\"step\":\"image\""),
                lines.getFirst());
        assertTrue(
                lines.getLast()
                        .startsWith("{\"event\":\"result\",\"product\":\"edge\",\"version\":\"1\""),
                lines.getLast());
    }

    @ParameterizedTest
    @CsvSource({
        "--pack-level, 0",
        "--pack-level, 23",
        "--salt, 0",
        "--salt, xy",
        "--verity, var",
        "--exclude, /nowhere",
        "--exclude, a**b",
        "--overlay, nowhere",
        "--recipe, nowhere",
        "--selinux-contexts, nowhere",
        "--compress, rar",
        "--slot-size, 4096",
        "--slot-size, much",
        "--security-version, 0",
        "--cmdline, root=/dev/sda",
        "--kernel, nowhere",
        "--stub, nowhere",
    })
    void refusesAValueThatItCannotUseInOneLine(String option, String value) throws Exception {
        assertEquals(12, build(option, value));
        assertEquals("", out.toString(StandardCharsets.UTF_8));
        assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
        assertFalse(Files.exists(folder.resolve("out")));
    }
}
