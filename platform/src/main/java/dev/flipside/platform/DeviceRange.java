package dev.flipside.platform;

import java.io.EOFException;
import java.io.IOException;

/** The checks that every {@link BlockDevice} makes on a range before it touches the medium. */
final class DeviceRange {
    private static final int ALIGNMENT_BYTES = 4096;

    private DeviceRange() {}

    static void requireReadable(long offsetBytes, int lengthBytes, long sizeBytes)
            throws EOFException {
        if (isOutside(offsetBytes, lengthBytes, sizeBytes)) {
            throw new EOFException(
                    "read of %d bytes at %d on a device of %d bytes"
                            .formatted(lengthBytes, offsetBytes, sizeBytes));
        }
    }

    static void requireWritable(long offsetBytes, int lengthBytes, long sizeBytes)
            throws IOException {
        if (isOutside(offsetBytes, lengthBytes, sizeBytes)) {
            throw new IOException(
                    "write of %d bytes at %d on a device of %d bytes"
                            .formatted(lengthBytes, offsetBytes, sizeBytes));
        }
    }

    static void requireAligned(long offsetBytes, int lengthBytes) {
        if (offsetBytes % ALIGNMENT_BYTES != 0 || lengthBytes % ALIGNMENT_BYTES != 0) {
            throw new IllegalArgumentException(
                    "direct read of %d bytes at %d, not aligned to %d"
                            .formatted(lengthBytes, offsetBytes, ALIGNMENT_BYTES));
        }
    }

    private static boolean isOutside(long offsetBytes, int lengthBytes, long sizeBytes) {
        return offsetBytes < 0 || offsetBytes > sizeBytes - lengthBytes;
    }
}
