package dev.flipside.updater.slot;

import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads short pieces of a partition, none of them across a 4096-byte block, and reads ahead where
 * they follow each other.
 */
final class ReadAhead {
    private static final int BLOCK_BYTES = 4096;
    private static final int WINDOW_BYTES = 64 * BLOCK_BYTES;

    private final BlockDevice device;
    private final long sizeBytes;
    private final byte[] window = new byte[WINDOW_BYTES];
    private final ByteBuffer windowBuffer = ByteBuffer.wrap(window);
    private long startBytes;
    private int lengthBytes;

    /**
     * @param sizeBytes what is read of the device, a multiple of 4096
     */
    ReadAhead(BlockDevice device, long sizeBytes) {
        this.device = device;
        this.sizeBytes = sizeBytes;
    }

    /** The array that {@link #at} points into; valid until it is called again. */
    byte[] bytes() {
        return window;
    }

    /** Where in {@link #bytes} the byte at this offset is now, or -1 if it cannot be read. */
    int at(long offsetBytes) {
        long endBytes = startBytes + lengthBytes;
        if (offsetBytes < startBytes || offsetBytes >= endBytes) {
            boolean onward = offsetBytes >= endBytes && offsetBytes < endBytes + WINDOW_BYTES;
            long block = offsetBytes - offsetBytes % BLOCK_BYTES;
            if (!(onward && load(block, WINDOW_BYTES)) && !load(block, BLOCK_BYTES)) {
                return -1;
            }
        }
        return (int) (offsetBytes - startBytes);
    }

    private boolean load(long offsetBytes, int wantedBytes) {
        lengthBytes = 0;
        int wanted = (int) Math.min(wantedBytes, sizeBytes - offsetBytes);
        windowBuffer.clear().limit(wanted);
        try {
            device.read(windowBuffer, offsetBytes);
        } catch (IOException e) {
            // The caller can do without: it fetches what it cannot read.
            return false;
        }
        startBytes = offsetBytes;
        lengthBytes = wanted;
        return true;
    }
}
