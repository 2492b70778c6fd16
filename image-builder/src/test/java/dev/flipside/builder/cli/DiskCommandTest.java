package dev.flipside.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskCommandTest {
    @TempDir Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({
        "--format, vmdk, raw|qcow2|vhd",
        "--format, '', raw|qcow2|vhd",
        "--size, 8GB, 8GiB",
        "--size, 1000000, mebibytes",
        "--slot-size, 0, mebibytes",
        "--hash-size, 1.5M, mebibytes",
        "--var-size, 63, mebibytes",
        "--esp-size, 2048TiB, 1024TiB",
        "--sector-size, 2048, 512 or 4096",
    })
    void refusesAnOptionInOneLineThatSaysWhatItTakes(String option, String value, String said)
            throws Exception {
        assertEquals(12, run(option, value));
        assertTrue(err().startsWith("flipside-image: " + option), err());
        assertTrue(err().contains(said) && err().contains("[argument-invalid]"), err());
        assertEquals(1, err().lines().count());
        assertNothingWritten();
    }

    @Test
    void refusesAFolderThatHoldsNoRelease() throws Exception {
        assertEquals(12, run());
        assertTrue(err().contains("release.json") && err().contains("[input-missing]"), err());
        assertNothingWritten();
    }

    private int run(String... more) {
        List<String> arguments =
                Stream.concat(
                                Stream.of(
                                        "disk",
                                        "--release",
                                        folder.toString(),
                                        "--out",
                                        folder.resolve("disk.raw").toString()),
                                Stream.of(more))
                        .toList();
        return new FlipsideImage(List.of(DiskCommand.command(new BuildClock(java.util.Map.of()))))
                .run(
                        new Console(
                                new PrintStream(new ByteArrayOutputStream()),
                                new PrintStream(err, true, StandardCharsets.UTF_8),
                                false,
                                false),
                        arguments.toArray(String[]::new));
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private void assertNothingWritten() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }
}
