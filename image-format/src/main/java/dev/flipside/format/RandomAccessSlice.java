package dev.flipside.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

record RandomAccessSlice(RandomAccess whole, long startBytes, long sizeBytes)
        implements RandomAccess {
    RandomAccessSlice {
        if (startBytes < 0 || sizeBytes < 0 || sizeBytes > whole.sizeBytes() - startBytes) {
            throw new IllegalArgumentException(
                    "%d bytes at %d of %d".formatted(sizeBytes, startBytes, whole.sizeBytes()));
        }
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        checkRange(destination.remaining(), offsetBytes, sizeBytes);
        whole.read(destination, startBytes + offsetBytes);
    }

    static void checkRange(int length, long offsetBytes, long sizeBytes) throws EOFException {
        if (offsetBytes < 0 || length > sizeBytes - offsetBytes) {
            throw new EOFException(
                    "%d bytes at %d of %d".formatted(length, offsetBytes, sizeBytes));
        }
    }
}
