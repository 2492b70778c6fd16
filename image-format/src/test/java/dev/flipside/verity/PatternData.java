package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;

import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Data of any size without memory: each block is its number and then a pattern made from it. */
record PatternData(long blocks) implements RandomAccess {
    static byte[] block(long n) {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long first = n * 31 + (n >> 8) * 13;
        for (int i = 0; i < BLOCK_SIZE_BYTES; i++) {
            block.put(i, (byte) (first + i * 7L));
        }
        return block.putLong(0, n).array();
    }

    @Override
    public long sizeBytes() {
        return blocks * BLOCK_SIZE_BYTES;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws EOFException {
        if (offsetBytes + destination.remaining() > sizeBytes()) {
            throw new EOFException("beyond the end");
        }
        for (long n = offsetBytes / BLOCK_SIZE_BYTES; destination.hasRemaining(); n++) {
            destination.put(block(n));
        }
    }
}
