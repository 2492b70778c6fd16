package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class PartitionDeviceTest extends BlockDeviceContract {
    private static final int BEFORE_BYTES = 1 << 20;

    @Override
    BlockDevice device(long sizeBytes, int sectorSizeBytes) {
        FaultyDisk disk = new FaultyDisk(sizeBytes + 2 * BEFORE_BYTES, sectorSizeBytes, 1);
        return new PartitionDevice(disk, BEFORE_BYTES, sizeBytes);
    }

    @Test
    void writesAtItsOwnPlaceOnTheDisk() throws IOException {
        FaultyDisk disk = new FaultyDisk(3 * 4096, 512, 1);
        BlockDevice partition = new PartitionDevice(disk, 4096, 4096);
        partition.write(ByteBuffer.wrap(new byte[] {9}), 1);
        ByteBuffer all = ByteBuffer.allocate(3 * 4096);
        disk.read(all, 0);
        for (int i = 0; i < all.capacity(); i++) {
            assertEquals(i == 4097 ? 9 : 0, all.get(i), "byte " + i);
        }
    }

    @Test
    void flushesTheDisk() throws IOException {
        FaultyDisk disk = new FaultyDisk(3 * 4096, 512, 1);
        BlockDevice partition = new PartitionDevice(disk, 4096, 4096);
        partition.write(ByteBuffer.wrap(new byte[512]), 0);
        assertEquals(1, disk.unflushedSectors());
        partition.flush();
        assertEquals(0, disk.unflushedSectors());
    }

    @Test
    void refusesARangeThatTheDiskDoesNotHave() {
        FaultyDisk disk = new FaultyDisk(3 * 4096, 512, 1);
        for (long[] range :
                new long[][] {{4096, 8192 + 512}, {-512, 512}, {512, -512}, {Long.MAX_VALUE, 1}}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new PartitionDevice(disk, range[0], range[1]));
        }
    }

    @Test
    void refusesARangeThatCutsASector() {
        FaultyDisk disk = new FaultyDisk(3 * 4096, 4096, 1);
        assertThrows(IllegalArgumentException.class, () -> new PartitionDevice(disk, 512, 4096));
        assertThrows(IllegalArgumentException.class, () -> new PartitionDevice(disk, 4096, 512));
    }
}
