package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NewFileTest {
    @TempDir Path folder;

    @Test
    void letsOnlyTheOwnerReadASecret() throws IOException {
        Path file = folder.resolve("a.key.pem");
        NewFile.write(file, new byte[] {1, 2}, NewFile.Readers.OWNER);
        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(file));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void neverOverwrites() throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[] {7});
        assertThrows(
                FileAlreadyExistsException.class,
                () -> NewFile.write(file, new byte[] {1}, NewFile.Readers.EVERYONE));
        assertArrayEquals(new byte[] {7}, Files.readAllBytes(file));
    }

    @Test
    void makesNoFolder() {
        assertThrows(
                NoSuchFileException.class,
                () ->
                        NewFile.write(
                                folder.resolve("b/a"), new byte[] {1}, NewFile.Readers.EVERYONE));
    }
}
