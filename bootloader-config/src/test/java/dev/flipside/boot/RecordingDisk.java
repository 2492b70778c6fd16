package dev.flipside.boot;

import dev.flipside.platform.BlockDevice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A disk in memory that remembers every write and flush, so that a test can cut the power in
 * between.
 */
public final class RecordingDisk implements BlockDevice {
    private final byte[] bytes;
    private final int sectorSizeBytes;
    private final List<Operation> operations = new ArrayList<>();

    /** What was asked of the disk. */
    public sealed interface Operation {
        /** Bytes for a place. */
        record Write(long offsetBytes, ByteBuffer content) implements Operation {}

        /** All before is durable. */
        record Flush() implements Operation {}
    }

    public RecordingDisk(int sectorSizeBytes, long sectors) {
        this(sectorSizeBytes, new byte[Math.toIntExact(sectorSizeBytes * sectors)]);
    }

    private RecordingDisk(int sectorSizeBytes, byte[] bytes) {
        this.sectorSizeBytes = sectorSizeBytes;
        this.bytes = bytes;
    }

    /** A disk with the same contents and no memory of how they came there. */
    public RecordingDisk copy() {
        return new RecordingDisk(sectorSizeBytes, bytes.clone());
    }

    /** The same contents on a disk that is longer or shorter. */
    public RecordingDisk resized(long sectors) {
        return new RecordingDisk(
                sectorSizeBytes, Arrays.copyOf(bytes, Math.toIntExact(sectors * sectorSizeBytes)));
    }

    public byte[] bytes() {
        return bytes;
    }

    public List<Operation> operations() {
        return List.copyOf(operations);
    }

    @Override
    public long sizeBytes() {
        return bytes.length;
    }

    @Override
    public int sectorSizeBytes() {
        return sectorSizeBytes;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        checkRange(destination.remaining(), offsetBytes);
        destination.put(bytes, (int) offsetBytes, destination.remaining());
    }

    @Override
    public void readPastCache(ByteBuffer destination, long offsetBytes) throws IOException {
        read(destination, offsetBytes);
    }

    @Override
    public void write(ByteBuffer source, long offsetBytes) throws IOException {
        checkRange(source.remaining(), offsetBytes);
        byte[] written = new byte[source.remaining()];
        source.get(written);
        operations.add(new Operation.Write(offsetBytes, ByteBuffer.wrap(written)));
        System.arraycopy(written, 0, bytes, (int) offsetBytes, written.length);
    }

    @Override
    public void flush() {
        operations.add(new Operation.Flush());
    }

    @Override
    public void close() {}

    private void checkRange(int length, long offsetBytes) throws EOFException {
        if (offsetBytes < 0 || offsetBytes + length > bytes.length) {
            throw new EOFException("%d bytes at %d".formatted(length, offsetBytes));
        }
    }
}
