package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGESTS_PER_BLOCK;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads a hash tree as dm-verity does: each block of it is checked against the level above, up to
 * the root hash, before a digest is taken from it. The superblock is not looked at.
 *
 * <p>Invariant: of each level at most {@value #CACHED_BLOCKS_PER_LEVEL} checked blocks are kept, so
 * that going through the data in order reads each tree block once. For one thread at a time.
 */
public final class HashTreeReader {
    private static final int CACHED_BLOCKS_PER_LEVEL = 16;

    private final RandomAccess tree;
    private final TreeGeometry geometry;
    private final BlockDigest digest;
    private final byte[] rootHash;
    private final Level[] levels;
    private final byte[] scratch = new byte[DIGEST_SIZE_BYTES];

    /** The checked blocks of one level: block n is at n modulo the size, if its number is there. */
    private static final class Level {
        private final long offsetBytes;
        private final long[] numbers = new long[CACHED_BLOCKS_PER_LEVEL];
        private final byte[][] blocks = new byte[CACHED_BLOCKS_PER_LEVEL][];

        Level(long offsetBytes) {
            this.offsetBytes = offsetBytes;
            Arrays.fill(numbers, -1);
        }
    }

    /**
     * A tree that is to have this root hash.
     *
     * @param tree superblock and tree, as in {@code root.verity} or a hash partition
     */
    public HashTreeReader(RandomAccess tree, VerityParameters parameters, byte[] rootHash) {
        if (rootHash.length != DIGEST_SIZE_BYTES) {
            throw new IllegalArgumentException("root hash of " + rootHash.length + " bytes");
        }
        this.tree = tree;
        this.geometry = parameters.geometry();
        this.digest = new BlockDigest(parameters.saltBytes());
        this.rootHash = rootHash.clone();
        this.levels = new Level[geometry.levels()];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = new Level(geometry.levelOffsetBytes(i));
        }
    }

    /**
     * The digest that data block {@code n} must have.
     *
     * @throws FlipsideException {@code block-mismatch} when the tree does not lead to the root hash
     */
    public byte[] digest(long n) throws IOException, FlipsideException {
        byte[] out = new byte[DIGEST_SIZE_BYTES];
        digest(n, out, 0);
        return out;
    }

    /** As {@link #digest(long)}, into an array of the caller. */
    public void digest(long n, byte[] out, int outOffset) throws IOException, FlipsideException {
        if (n < 0 || n >= geometry.dataBlocks()) {
            throw new IllegalArgumentException("block " + n + " of " + geometry.dataBlocks());
        }
        copyDigest(0, n, out, outOffset);
    }

    /**
     * Puts the digest that block {@code n} of a level must have into {@code out}. The blocks above
     * it are read, and the block itself is not.
     */
    public void treeDigest(int level, long n, byte[] out) throws IOException, FlipsideException {
        if (n < 0 || n >= geometry.blocksOnLevel(level)) {
            throw new IllegalArgumentException("block " + n + " of level " + level);
        }
        copyDigest(level + 1, n, out, 0);
    }

    /** Whether the block at {@code offset} in {@code blocks} is data block {@code n}. */
    public boolean matches(long n, byte[] blocks, int offset)
            throws IOException, FlipsideException {
        byte[] expected = digest(n);
        digest.digest(blocks, offset, scratch, 0);
        return Arrays.equals(expected, scratch);
    }

    /**
     * Requires that the block at {@code offset} in {@code blocks} is data block {@code n}.
     *
     * @throws FlipsideException {@code block-mismatch}
     */
    public void verify(long n, byte[] blocks, int offset) throws IOException, FlipsideException {
        if (!matches(n, blocks, offset)) {
            throw mismatch("data block " + n);
        }
    }

    /** Copies what level {@code index} says of its child {@code n}. */
    private void copyDigest(int index, long n, byte[] out, int outOffset)
            throws IOException, FlipsideException {
        if (index == levels.length) {
            System.arraycopy(rootHash, 0, out, outOffset, DIGEST_SIZE_BYTES);
            return;
        }
        byte[] block = checkedBlock(index, n / DIGESTS_PER_BLOCK);
        int at = (int) (n % DIGESTS_PER_BLOCK) * DIGEST_SIZE_BYTES;
        System.arraycopy(block, at, out, outOffset, DIGEST_SIZE_BYTES);
    }

    private byte[] checkedBlock(int index, long n) throws IOException, FlipsideException {
        Level level = levels[index];
        int slot = (int) (n % CACHED_BLOCKS_PER_LEVEL);
        if (level.numbers[slot] == n) {
            return level.blocks[slot];
        }
        byte[] expected = new byte[DIGEST_SIZE_BYTES];
        copyDigest(index + 1, n, expected, 0);
        byte[] block = level.blocks[slot] == null ? new byte[BLOCK_SIZE_BYTES] : level.blocks[slot];
        level.numbers[slot] = -1;
        tree.read(ByteBuffer.wrap(block), level.offsetBytes + n * BLOCK_SIZE_BYTES);
        digest.digest(block, 0, scratch, 0);
        if (!Arrays.equals(expected, scratch)) {
            throw mismatch("hash tree level " + index + ", block " + n);
        }
        level.blocks[slot] = block;
        level.numbers[slot] = n;
        return block;
    }

    private static FlipsideException mismatch(String what) {
        return new FlipsideException(
                FailureCode.BLOCK_MISMATCH,
                what,
                "the digest that leads to the root hash",
                "another",
                "stage the release again");
    }
}
