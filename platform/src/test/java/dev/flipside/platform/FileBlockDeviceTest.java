package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileBlockDeviceTest extends BlockDeviceContract {
    @TempDir Path folder;

    @Override
    BlockDevice device(long sizeBytes, int sectorSizeBytes) throws IOException {
        return FileBlockDevice.openForWriting(file(sizeBytes), sectorSizeBytes);
    }

    private Path file(long sizeBytes) throws IOException {
        Path path = folder.resolve("disk.raw");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(sizeBytes);
        }
        return path;
    }

    @Test
    void takesSectorsOf512BytesForAFile() throws IOException {
        try (BlockDevice device = FileBlockDevice.openForReading(file(8192))) {
            assertEquals(512, device.sectorSizeBytes());
        }
    }

    @Test
    void refusesASectorSizeThatNoDiskHas() throws IOException {
        Path path = file(8192);
        assertThrows(
                IllegalArgumentException.class, () -> FileBlockDevice.openForWriting(path, 520));
    }

    @Test
    void isWrittenByOneAtATime() throws IOException {
        Path path = file(8192);
        try (FileBlockDevice first = FileBlockDevice.openForWriting(path)) {
            assertThrows(FileSystemException.class, () -> FileBlockDevice.openForWriting(path));
            FileBlockDevice.openForReading(path).close();
            first.write(ByteBuffer.wrap(new byte[] {1}), 0);
        }
        FileBlockDevice.openForWriting(path).close();
    }

    @Test
    void readsThroughTheCacheWhereTheFileSystemRefusesDirectReads() throws IOException {
        Path path = file(8192);
        try (FileBlockDevice device =
                FileBlockDevice.open(
                        path,
                        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE),
                        512,
                        refusing -> {
                            throw new FileSystemException(
                                    path.toString(), null, "Invalid argument");
                        })) {
            assertFalse(device.readsPastCache());
            device.write(ByteBuffer.wrap(new byte[] {1}), 4096);
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            device.readPastCache(buffer, 4096);
            assertEquals(1, buffer.get(0));
        }
    }

    @Test
    void readsAsManyBytesPastTheCacheAsAreAskedFor() throws IOException {
        int sizeBytes = 3 * (1 << 20) + 4096;
        try (BlockDevice device = device(sizeBytes, 512)) {
            byte[] bytes = new byte[sizeBytes];
            new java.util.Random(3).nextBytes(bytes);
            device.write(ByteBuffer.wrap(bytes), 0);
            device.flush();
            ByteBuffer read = ByteBuffer.allocate(sizeBytes);
            device.readPastCache(read, 0);
            assertArrayEquals(bytes, read.array());
        }
    }

    @Test
    void worksBeyondTwoAndFourGibibytes() throws IOException {
        long sizeBytes = (1L << 32) + 8192;
        try (BlockDevice device = device(sizeBytes, 512)) {
            assertEquals(sizeBytes, device.sizeBytes());
            for (long offset : new long[] {(1L << 31) - 1, (1L << 32) - 1, sizeBytes - 3}) {
                device.write(ByteBuffer.wrap(new byte[] {5, 6, 7}), offset);
                ByteBuffer read = ByteBuffer.allocate(3);
                device.read(read, offset);
                assertEquals(ByteBuffer.wrap(new byte[] {5, 6, 7}), read.flip(), "at " + offset);
            }
        }
    }

    @Test
    void refusesAFolderAsADisk() {
        IOException e =
                assertThrows(IOException.class, () -> FileBlockDevice.openForReading(folder));
        assertTrue(String.valueOf(e.getMessage()).contains(folder.getFileName().toString()));
    }
}
