package dev.flipside.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A range of a disk as a device of its own. Nothing outside of the range can be reached through it.
 * Closing it leaves the disk open.
 */
public final class PartitionDevice implements BlockDevice {
    private static final int DIRECT_ALIGNMENT_BYTES = 4096;

    private final BlockDevice disk;
    private final long offsetBytes;
    private final long sizeBytes;

    /** The range must lie within the disk and start and end at a sector. */
    public PartitionDevice(BlockDevice disk, long offsetBytes, long sizeBytes) {
        this.disk = Objects.requireNonNull(disk);
        if (offsetBytes < 0 || sizeBytes < 0 || offsetBytes > disk.sizeBytes() - sizeBytes) {
            throw new IllegalArgumentException(
                    "partition of %d bytes at %d on a disk of %d bytes"
                            .formatted(sizeBytes, offsetBytes, disk.sizeBytes()));
        }
        if (offsetBytes % disk.sectorSizeBytes() != 0 || sizeBytes % disk.sectorSizeBytes() != 0) {
            throw new IllegalArgumentException(
                    "partition of %d bytes at %d, not aligned to sectors of %d bytes"
                            .formatted(sizeBytes, offsetBytes, disk.sectorSizeBytes()));
        }
        this.offsetBytes = offsetBytes;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int sectorSizeBytes() {
        return disk.sectorSizeBytes();
    }

    @Override
    public void read(ByteBuffer destination, long offset) throws IOException {
        DeviceRange.requireReadable(offset, destination.remaining(), sizeBytes);
        disk.read(destination, offsetBytes + offset);
    }

    @Override
    public void readPastCache(ByteBuffer destination, long offset) throws IOException {
        DeviceRange.requireReadable(offset, destination.remaining(), sizeBytes);
        DeviceRange.requireAligned(offset, destination.remaining());
        if (offsetBytes % DIRECT_ALIGNMENT_BYTES != 0) {
            throw new IOException(
                    "the partition starts at byte %d, which is not a multiple of %d"
                            .formatted(offsetBytes, DIRECT_ALIGNMENT_BYTES));
        }
        disk.readPastCache(destination, offsetBytes + offset);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        DeviceRange.requireWritable(offset, source.remaining(), sizeBytes);
        disk.write(source, offsetBytes + offset);
    }

    @Override
    public void flush() throws IOException {
        disk.flush();
    }

    @Override
    public void close() {
        // The disk belongs to whoever opened it; its other partitions may still be in use.
    }

    @Override
    public String toString() {
        return disk + " from byte " + offsetBytes;
    }
}
