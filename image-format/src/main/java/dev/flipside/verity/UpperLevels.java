package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The levels above the leaves, grown from the digests of the leaf blocks in their order.
 *
 * <p>Invariant: of each level only the block that is being filled is in memory.
 */
final class UpperLevels {
    private final TreeSink sink;
    private final BlockDigest digest;
    private final Level[] levels;
    private byte[] rootHash = new byte[0];

    /** The block of one level that is being filled, and where it will stand. */
    private static final class Level {
        private final byte[] block = new byte[BLOCK_SIZE_BYTES];
        private int filledBytes;
        private long offsetBytes;
    }

    UpperLevels(VerityParameters parameters, TreeSink sink) {
        this.sink = sink;
        this.digest = new BlockDigest(parameters.saltBytes());
        TreeGeometry geometry = parameters.geometry();
        levels = new Level[geometry.levels()];
        for (int i = 1; i < levels.length; i++) {
            levels[i] = new Level();
            levels[i].offsetBytes = geometry.levelOffsetBytes(i);
        }
    }

    /** Takes the digests of the next leaf blocks. */
    void addLeaves(byte[] digests) throws IOException {
        for (int at = 0; at < digests.length; at += DIGEST_SIZE_BYTES) {
            add(1, Arrays.copyOfRange(digests, at, at + DIGEST_SIZE_BYTES));
        }
    }

    /** Writes the blocks that are not full, and returns the root hash. */
    byte[] finish() throws IOException {
        for (int i = 1; i < levels.length; i++) {
            if (levels[i].filledBytes > 0) {
                complete(i);
            }
        }
        if (rootHash.length == 0) {
            throw new IllegalStateException("a tree without leaves");
        }
        return rootHash.clone();
    }

    private void add(int index, byte[] childDigest) throws IOException {
        if (index == levels.length) {
            rootHash = childDigest;
            return;
        }
        Level level = levels[index];
        System.arraycopy(childDigest, 0, level.block, level.filledBytes, DIGEST_SIZE_BYTES);
        level.filledBytes += DIGEST_SIZE_BYTES;
        if (level.filledBytes == BLOCK_SIZE_BYTES) {
            complete(index);
        }
    }

    private void complete(int index) throws IOException {
        Level level = levels[index];
        sink.write(ByteBuffer.wrap(level.block), level.offsetBytes);
        byte[] own = digest.digest(level.block);
        level.offsetBytes += BLOCK_SIZE_BYTES;
        level.filledBytes = 0;
        Arrays.fill(level.block, (byte) 0);
        add(index + 1, own);
    }
}
