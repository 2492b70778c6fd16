package dev.flipside.pack;

import dev.flipside.format.RandomAccess;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Which blocks of an image are equal, by their digests in its own hash tree: the distinct blocks in
 * the order of their first appearance, and for each of them all of its places.
 *
 * <p>Memory: about 60 bytes per image block while this is made, 8 afterwards.
 */
public final class DistinctBlocks {
    /** An image of 8 GiB, for which 128 MiB of memory are enough. */
    public static final int MAX_BLOCKS = 1 << 21;

    private static final int DIGEST = VerityParameters.DIGEST_SIZE_BYTES;

    private final int[] firsts;
    private final int[] next;
    private final int count;

    private DistinctBlocks(int[] firsts, int[] next, int count) {
        this.firsts = firsts;
        this.next = next;
        this.count = count;
    }

    /**
     * Compares all blocks under a tree.
     *
     * @param tree superblock and tree, just made from the image and therefore not checked
     * @param dataBlocks from 1 to {@link #MAX_BLOCKS}
     */
    public static DistinctBlocks of(RandomAccess tree, int dataBlocks) throws IOException {
        if (dataBlocks < 1 || dataBlocks > MAX_BLOCKS) {
            throw new IllegalArgumentException("number of data blocks: " + dataBlocks);
        }
        // One block has no tree, and nothing that it could be equal to.
        byte[] digests = new byte[dataBlocks * DIGEST];
        if (dataBlocks > 1) {
            long leaves = new TreeGeometry(dataBlocks).levelOffsetBytes(0);
            tree.read(ByteBuffer.wrap(digests), leaves);
        }
        return of(digests);
    }

    private static DistinctBlocks of(byte[] digests) {
        int blocks = digests.length / DIGEST;
        // Open addressing, at most half full: each slot has 1 + the number of a distinct block.
        int[] table = new int[Integer.highestOneBit(blocks) * 4];
        int[] firsts = new int[blocks];
        int[] lasts = new int[blocks];
        int[] next = new int[blocks];
        Arrays.fill(next, -1);
        int count = 0;
        for (int block = 0; block < blocks; block++) {
            int slot = slot(digests, block, table.length);
            while (table[slot] != 0 && !same(digests, block, firsts[table[slot] - 1])) {
                slot = (slot + 1) & (table.length - 1);
            }
            if (table[slot] == 0) {
                firsts[count] = block;
                lasts[count] = block;
                count++;
                table[slot] = count;
            } else {
                int known = table[slot] - 1;
                next[lasts[known]] = block;
                lasts[known] = block;
            }
        }
        return new DistinctBlocks(Arrays.copyOf(firsts, count), next, count);
    }

    private static int slot(byte[] digests, int block, int slots) {
        return ByteBuffer.wrap(digests).getInt(block * DIGEST) & (slots - 1);
    }

    private static boolean same(byte[] digests, int a, int b) {
        return Arrays.equals(
                digests, a * DIGEST, (a + 1) * DIGEST, digests, b * DIGEST, (b + 1) * DIGEST);
    }

    /** The number of blocks in the image. */
    public int imageBlocks() {
        return next.length;
    }

    /** The number of distinct blocks. */
    public int count() {
        return count;
    }

    /** The image block where a distinct block appears first. */
    int first(int id) {
        return firsts[id];
    }

    /** The next image block that equals this one, or -1. */
    int next(int imageBlock) {
        return next[imageBlock];
    }
}
