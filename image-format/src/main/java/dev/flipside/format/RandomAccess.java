package dev.flipside.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** Bytes that can be read from any offset: an image file, a partition, a verified block device. */
public interface RandomAccess {
    long sizeBytes();

    /**
     * Fills the whole of {@code destination} from {@code offsetBytes}.
     *
     * @throws java.io.EOFException when the range ends beyond {@link #sizeBytes}
     */
    void read(ByteBuffer destination, long offsetBytes) throws IOException;

    /** A part of these bytes; its offset 0 is {@code offsetBytes} here. */
    default RandomAccess slice(long offsetBytes, long sizeBytes) {
        return new RandomAccessSlice(this, offsetBytes, sizeBytes);
    }

    /** Bytes in memory, which the caller leaves as they are. */
    static RandomAccess of(byte[] bytes) {
        return new RandomAccessBytes(ByteBuffer.wrap(bytes));
    }

    /** A file of the size that it has now; its position is moved, and it is not closed. */
    static RandomAccess of(SeekableByteChannel channel) throws IOException {
        return new RandomAccessChannel(channel, channel.size());
    }
}
