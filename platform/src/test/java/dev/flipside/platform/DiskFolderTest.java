package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskFolderTest extends DurableFolderContract {
    @TempDir Path root;

    @Override
    public DurableFolder emptyFolder() throws IOException {
        return DiskFolder.open(root);
    }

    @Test
    void opensOnlyAFolderThatExists() throws IOException {
        assertThrows(NoSuchFileException.class, () -> DiskFolder.open(root.resolve("none")));
        Path file = Files.createFile(root.resolve("file"));
        assertThrows(NotDirectoryException.class, () -> DiskFolder.open(file));
    }

    @Test
    void makesItselfWhereItIsAskedTo() throws IOException {
        DiskFolder.create(root.resolve("x/y")).append("a", new byte[] {1});
        assertTrue(Files.exists(root.resolve("x/y/a")));
    }

    @Test
    void refusesAFileWhereAFolderIsNeeded() throws IOException {
        DurableFolder folder = emptyFolder();
        folder.append("a", new byte[] {1});
        assertThrows(
                IOException.class,
                () -> folder.replace("a/b", DurableFolder.Content.of(new byte[1])));
    }

    @Test
    void leavesNothingWhenTheNameIsTakenByAFolder() throws IOException {
        DurableFolder folder = emptyFolder();
        folder.append("a/b", new byte[] {1});
        assertThrows(
                IOException.class,
                () -> folder.replace("a", DurableFolder.Content.of(new byte[1])));
        assertEquals(List.of("a"), folder.list(""));
    }

    @Test
    void sweepsNothingBehindALink() throws IOException {
        Path outside = Files.createDirectory(root.resolve("outside"));
        Files.createFile(outside.resolve(".tmp-1"));
        Path inside = Files.createDirectory(root.resolve("inside"));
        Files.createSymbolicLink(inside.resolve("link"), outside);
        assertEquals(0, DiskFolder.open(inside).sweepTemporaryFiles());
        assertTrue(Files.exists(outside.resolve(".tmp-1")));
    }
}
