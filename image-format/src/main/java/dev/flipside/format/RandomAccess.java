package dev.flipside.format;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that can be read from any offset: an image file, a partition, a verified block device. */
public interface RandomAccess {
    long sizeBytes();

    /**
     * Fills the whole of {@code destination} from {@code offsetBytes}.
     *
     * @throws java.io.EOFException when the range ends beyond {@link #sizeBytes}
     */
    void read(ByteBuffer destination, long offsetBytes) throws IOException;
}
