package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every block device, the real ones and the fake. */
abstract class BlockDeviceContract {
    private static final int SIZE_BYTES = 64 * 4096;

    abstract BlockDevice device(long sizeBytes, int sectorSizeBytes) throws IOException;

    @Test
    void tellsItsSizeAndSectors() throws IOException {
        try (BlockDevice device = device(SIZE_BYTES, 4096)) {
            assertEquals(SIZE_BYTES, device.sizeBytes());
            assertEquals(4096, device.sectorSizeBytes());
        }
    }

    @Test
    void readsZeroesWhereNothingWasWritten() throws IOException {
        try (BlockDevice device = device(SIZE_BYTES, 512)) {
            assertArrayEquals(new byte[8192], read(device, 4096, 8192));
        }
    }

    @Test
    void readsBackWhatWasWrittenAtAnyOffset() throws IOException {
        try (BlockDevice device = device(SIZE_BYTES, 512)) {
            byte[] expected = new byte[SIZE_BYTES];
            long seed = 7;
            Random random = new Random(seed);
            for (int i = 0; i < 200; i++) {
                byte[] piece = new byte[random.nextInt(20_000)];
                random.nextBytes(piece);
                int offset = random.nextInt(SIZE_BYTES - piece.length + 1);
                device.write(ByteBuffer.wrap(piece), offset);
                System.arraycopy(piece, 0, expected, offset, piece.length);
            }
            assertArrayEquals(expected, read(device, 0, SIZE_BYTES), "seed " + seed);
        }
    }

    @Test
    void readsPastTheCacheWhatWasFlushed() throws IOException {
        try (BlockDevice device = device(SIZE_BYTES, 512)) {
            byte[] bytes = new byte[3 * 4096];
            new Random(8).nextBytes(bytes);
            device.write(ByteBuffer.wrap(bytes), 4096);
            device.flush();
            ByteBuffer heap = ByteBuffer.allocate(bytes.length);
            device.readPastCache(heap, 4096);
            assertArrayEquals(bytes, heap.array());
            ByteBuffer aligned = ByteBuffer.allocateDirect(bytes.length + 4096).alignedSlice(4096);
            aligned.limit(bytes.length);
            device.readPastCache(aligned, 4096);
            assertEquals(ByteBuffer.wrap(bytes), aligned.flip());
        }
    }

    @Test
    void readsPastTheCacheOnlyWholeAlignedBlocks() throws IOException {
        try (BlockDevice device = device(SIZE_BYTES, 512)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> device.readPastCache(ByteBuffer.allocate(4096), 512));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> device.readPastCache(ByteBuffer.allocate(512), 4096));
        }
    }

    @Test
    void readsAndWritesUpToItsLastByteAndNotBeyond() throws IOException {
        try (BlockDevice device = device(SIZE_BYTES, 512)) {
            device.write(ByteBuffer.wrap(new byte[] {1, 2}), SIZE_BYTES - 2);
            assertArrayEquals(new byte[] {1, 2}, read(device, SIZE_BYTES - 2, 2));
            assertThrows(EOFException.class, () -> read(device, SIZE_BYTES - 1, 2));
            assertThrows(EOFException.class, () -> read(device, -1, 1));
            assertThrows(EOFException.class, () -> read(device, Long.MAX_VALUE, 1));
            assertThrows(
                    IOException.class,
                    () -> device.write(ByteBuffer.wrap(new byte[2]), SIZE_BYTES - 1));
            assertEquals(SIZE_BYTES, device.sizeBytes());
        }
    }

    private static byte[] read(BlockDevice device, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        device.read(buffer, offset);
        assertEquals(0, buffer.remaining());
        return buffer.array();
    }
}
