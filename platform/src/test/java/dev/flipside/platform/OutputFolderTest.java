package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputFolderTest {
    @TempDir private Path parent;

    private List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void appearsWholeAtTheCommit() throws IOException {
        Path target = parent.resolve("release");
        try (OutputFolder output = OutputFolder.create(target)) {
            Files.writeString(output.path().resolve("a"), "1");
            assertFalse(Files.exists(target));
            output.commit();
        }
        assertEquals(List.of("release"), names(parent));
        assertEquals(List.of("a"), names(target));
    }

    @Test
    void takesTheNameOfAnEmptyFolder() throws IOException {
        Path target = Files.createDirectory(parent.resolve("release"));
        try (OutputFolder output = OutputFolder.create(target)) {
            Files.writeString(output.path().resolve("a"), "1");
            output.commit();
        }
        assertEquals(List.of("a"), names(target));
    }

    @Test
    void leavesNothingWithoutACommit() throws IOException {
        try (OutputFolder output = OutputFolder.create(parent.resolve("release"))) {
            Files.createDirectory(output.path().resolve("b"));
            Files.writeString(output.path().resolve("b").resolve("c"), "1");
        }
        assertEquals(List.of(), names(parent));
    }

    @Test
    void removesWhatAKilledProcessLeft() throws IOException {
        Path left = Files.createDirectory(parent.resolve(".tmp-release"));
        Files.writeString(left.resolve("old"), "1");
        Files.writeString(left.resolve(".lock"), "");
        try (OutputFolder output = OutputFolder.create(parent.resolve("release"))) {
            assertEquals(List.of(".lock"), names(output.path()));
            output.commit();
        }
        assertEquals(List.of(), names(parent.resolve("release")));
    }

    /** Starts a folder in a process of its own, says so, and waits to be ended. */
    static final class Unfinished {
        private Unfinished() {}

        public static void main(String[] arguments) throws IOException {
            try (OutputFolder output = OutputFolder.create(Path.of(arguments[0]))) {
                Files.writeString(output.path().resolve("a"), "1");
                System.out.println("begun");
                System.in.read();
                output.commit();
            }
        }
    }

    @Test
    void leavesNothingWhenASignalEndsTheProcess() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Unfinished.class.getName(),
                                parent.resolve("release").toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader output = process.inputReader()) {
            assertEquals("begun", output.readLine());
            assertEquals(List.of(".tmp-release"), names(parent));
            process.toHandle().destroy();
            assertEquals(128 + 15, process.waitFor());
        } finally {
            process.destroyForcibly();
        }
        assertEquals(List.of(), names(parent));
    }

    @Test
    void refusesAFolderThatIsBeingMade() throws IOException {
        Path target = parent.resolve("release");
        try (OutputFolder output = OutputFolder.create(target)) {
            Files.writeString(output.path().resolve("a"), "1");
            assertThrows(FileSystemException.class, () -> OutputFolder.create(target));
            output.commit();
        }
        assertEquals(List.of("a"), names(target));
    }

    @Test
    void refusesATargetThatIsThereOrHasNoFolder() throws IOException {
        Path target = Files.createDirectory(parent.resolve("release"));
        Files.writeString(target.resolve("a"), "1");
        assertThrows(FileAlreadyExistsException.class, () -> OutputFolder.create(target));
        Path file = target.resolve("a");
        assertThrows(FileAlreadyExistsException.class, () -> OutputFolder.create(file));
        Path nowhere = parent.resolve("none").resolve("release");
        assertThrows(NoSuchFileException.class, () -> OutputFolder.create(nowhere));
        assertEquals(List.of("release"), names(parent));
    }
}
