package dev.flipside.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A disk, a partition of one, or a file that stands for a disk.
 *
 * <p>Invariant: what {@link #write} put there is durable only after {@link #flush} has returned; in
 * between, a power cut may lose any part of it, in any order. Several threads may read at a time,
 * while none writes.
 */
public interface BlockDevice extends Closeable {
    long sizeBytes();

    /** The logical sector size: 512 or 4096. */
    int sectorSizeBytes();

    /**
     * Fills the whole of {@code destination} from {@code offsetBytes}.
     *
     * @throws java.io.EOFException when the range ends beyond {@link #sizeBytes}
     */
    void read(ByteBuffer destination, long offsetBytes) throws IOException;

    /**
     * As {@link #read}, but from the medium and not from the page cache, where the device can. The
     * offset and the length are multiples of 4096.
     */
    void readPastCache(ByteBuffer destination, long offsetBytes) throws IOException;

    /** Writes the whole of {@code source} at {@code offsetBytes}, within {@link #sizeBytes}. */
    void write(ByteBuffer source, long offsetBytes) throws IOException;

    /** Returns when all that was written before is on the medium. */
    void flush() throws IOException;
}
