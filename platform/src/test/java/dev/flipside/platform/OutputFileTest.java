package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputFileTest {
    @TempDir Path folder;

    @Test
    void hasItsNameOnlyAfterTheCommit() throws IOException {
        Path target = folder.resolve("root.img");
        try (OutputFile out = OutputFile.create(target)) {
            out.channel().write(ByteBuffer.wrap(new byte[] {1, 2}));
            assertFalse(Files.exists(target));
            out.commit();
        }
        assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void leavesTheOldFileAndNothingElseWithoutACommit() throws IOException {
        Path target = Files.write(folder.resolve("root.img"), new byte[] {7});
        try (OutputFile out = OutputFile.create(target)) {
            out.channel().write(ByteBuffer.wrap(new byte[] {1, 2}));
        }
        assertArrayEquals(new byte[] {7}, Files.readAllBytes(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void replacesTheOldFileAtTheCommit() throws IOException {
        Path target = Files.write(folder.resolve("root.img"), new byte[] {7});
        try (OutputFile out = OutputFile.create(target)) {
            out.commit();
        }
        assertEquals(0, Files.size(target));
    }

    @Test
    void isWrittenAsADisk() throws IOException {
        Path target = folder.resolve("disk.raw");
        try (OutputFile out = OutputFile.create(target)) {
            out.channel().write(ByteBuffer.allocate(1), 8191);
            try (BlockDevice disk = out.device(4096)) {
                assertEquals(8192, disk.sizeBytes());
                assertEquals(4096, disk.sectorSizeBytes());
                disk.write(ByteBuffer.wrap(new byte[] {1}), 4096);
                disk.flush();
                ByteBuffer block = ByteBuffer.allocate(4096);
                disk.readPastCache(block, 4096);
                assertEquals(1, block.get(0));
            }
            out.commit();
        }
        assertEquals(1, Files.readAllBytes(target)[4096]);
    }

    @Test
    void needsTheFolderOfItsTarget() {
        assertThrows(
                NoSuchFileException.class,
                () -> OutputFile.create(folder.resolve("none/root.img")));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
