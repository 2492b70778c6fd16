package dev.flipside.integration;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.VerityParameters;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An image as dm-verity shows it: each block is checked when it is read, and no sooner, so that a
 * block that has changed is met only by whoever reads it.
 */
final class VerifiedImage implements RandomAccess {
    private static final int BLOCK_SIZE_BYTES = VerityParameters.BLOCK_SIZE_BYTES;

    private final RandomAccess data;
    private final HashTreeReader tree;
    private final long sizeBytes;
    private final boolean panics;
    private final byte[] block = new byte[BLOCK_SIZE_BYTES];

    /**
     * @param panics whether the kernel was told to panic on a wrong block ({@code
     *     panic-on-corruption}), and not to fail the read
     */
    VerifiedImage(RandomAccess data, HashTreeReader tree, long dataBlocks, boolean panics) {
        this.data = data;
        this.tree = tree;
        this.sizeBytes = dataBlocks * BLOCK_SIZE_BYTES;
        this.panics = panics;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        if (offsetBytes < 0 || destination.remaining() > sizeBytes - offsetBytes) {
            throw new EOFException("read beyond the verity device");
        }
        long offset = offsetBytes;
        while (destination.hasRemaining()) {
            long number = offset / BLOCK_SIZE_BYTES;
            data.read(ByteBuffer.wrap(block), number * BLOCK_SIZE_BYTES);
            check(number);
            int start = (int) (offset % BLOCK_SIZE_BYTES);
            int lengthBytes = Math.min(BLOCK_SIZE_BYTES - start, destination.remaining());
            destination.put(block, start, lengthBytes);
            offset += lengthBytes;
        }
    }

    private void check(long number) throws IOException {
        try {
            tree.verify(number, block, 0);
        } catch (FlipsideException e) {
            if (panics) {
                throw new KernelPanic("dm-verity device corrupted: data block " + number, e);
            }
            throw new IOException("Input/output error: " + e.failure().line(), e);
        }
    }
}
