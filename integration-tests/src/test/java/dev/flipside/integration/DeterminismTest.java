package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same input gives the same bytes: wherever, whenever, and in whatever locale it is built. */
class DeterminismTest {
    @TempDir Path folder;

    @Test
    void twoBuildsInDifferentFoldersTimesAndLocalesAreTheSameBytesDiskIncluded() throws Exception {
        Path tar = SmallRoot.of("1").writeTar(folder.resolve("root.tar"));
        Path elsewhere = Files.createDirectories(folder.resolve("a/much longer/föld€r"));
        CommandLine here = CommandLine.flipsideImage();
        CommandLine abroad =
                here.under(
                        List.of(
                                "-Duser.timezone=Asia/Kathmandu",
                                "-Duser.language=tr",
                                "-Duser.country=TR",
                                "-XX:ActiveProcessorCount=1"),
                        Map.of(
                                "TZ",
                                "Asia/Kathmandu",
                                "LC_ALL",
                                "C.UTF-8",
                                "HOME",
                                "/nonexistent"));
        Path copy = elsewhere.resolve("another name.tar");
        Files.copy(tar, copy);

        SortedMap<String, Long> first = build(here, tar, folder.resolve("release"));
        SortedMap<String, Long> second = build(abroad, copy, elsewhere.resolve("out"));
        assertEquals(first.keySet(), second.keySet());
        for (String name : first.keySet()) {
            assertSame(
                    folder.resolve("release").resolve(name),
                    elsewhere.resolve("out").resolve(name));
        }

        disk(here, folder.resolve("release"), folder.resolve("disk.raw"));
        disk(abroad, elsewhere.resolve("out"), elsewhere.resolve("d.raw"));
        assertSame(folder.resolve("disk.raw"), elsewhere.resolve("d.raw"));
    }

    @Test
    void anotherVersionOfTheSameRootIsAnotherImage() throws Exception {
        Path tar = SmallRoot.of("1").writeTar(folder.resolve("root.tar"));
        CommandLine image = CommandLine.flipsideImage();
        image.check(
                "build",
                "--rootfs",
                tar,
                "--product",
                "small",
                "--version",
                "1",
                "--out",
                folder.resolve("1"));
        image.check(
                "build",
                "--rootfs",
                tar,
                "--product",
                "small",
                "--version",
                "2",
                "--out",
                folder.resolve("2"));
        assertNotEquals(
                -1L, Files.mismatch(folder.resolve("1/root.img"), folder.resolve("2/root.img")));
    }

    private static SortedMap<String, Long> build(CommandLine image, Path tar, Path out)
            throws IOException {
        image.check("build", "--rootfs", tar, "--product", "small", "--version", "1", "--out", out);
        TreeMap<String, Long> files = new TreeMap<>();
        try (Stream<Path> made = Files.list(out)) {
            for (Path file : made.toList()) {
                files.put(file.getFileName().toString(), Files.size(file));
            }
        }
        assertTrue(files.containsKey("release.json"), files::toString);
        return files;
    }

    private static void disk(CommandLine image, Path release, Path out) throws IOException {
        image.check(
                "disk",
                "--release",
                release,
                "--out",
                out,
                "--size",
                "256MiB",
                "--slot-size",
                "16MiB",
                "--esp-size",
                "64MiB");
    }

    private static void assertSame(Path first, Path second) throws IOException {
        assertEquals(-1L, Files.mismatch(first, second), () -> first + " differs from " + second);
    }
}
