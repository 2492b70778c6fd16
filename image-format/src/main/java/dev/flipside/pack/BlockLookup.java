package dev.flipside.pack;

import java.util.Arrays;

/**
 * Finds the number of a block by its digest, without keeping digests: open addressing over block
 * numbers with 16 bits of the digest each, which are only hints. Whoever asks compares the digest.
 *
 * <p>Invariant: 6 bytes for each place, of which at most four in five are taken.
 */
public final class BlockLookup {
    /** Says whether a hint is the block that was looked for. */
    @FunctionalInterface
    public interface Judge {
        boolean isIt(int block);
    }

    private static final int PLACE_BYTES = 6;

    private final short[] tags;

    /** The number of a block and 1, or 0 for a free place. */
    private final int[] blocks;

    private final int maxBlocks;
    private int size;

    /** Takes so many blocks, or as many as fit into so much memory. */
    public BlockLookup(long wantedBlocks, int maxBytes) {
        long wantedPlaces = wantedBlocks + wantedBlocks / 4 + 1;
        int places = (int) Math.min(wantedPlaces, maxBytes / PLACE_BYTES + 1);
        tags = new short[places];
        blocks = new int[places];
        maxBlocks = (int) ((long) places * 4 / 5);
    }

    /** Whether there is no room for one more block. */
    public boolean isFull() {
        return size >= maxBlocks;
    }

    /** Forgets all blocks, to take others in their stead. */
    public void clear() {
        Arrays.fill(blocks, 0);
        size = 0;
    }

    /**
     * Adds a block, unless the judge says that one with the same tag is the same block, or there is
     * no more room.
     */
    public void add(byte[] digest, int offset, int block, Judge judge) {
        if (isFull()) {
            return;
        }
        short tag = tag(digest, offset);
        int place = place(digest, offset);
        while (blocks[place] != 0) {
            if (tags[place] == tag && judge.isIt(blocks[place] - 1)) {
                return;
            }
            place = place + 1 == blocks.length ? 0 : place + 1;
        }
        blocks[place] = block + 1;
        tags[place] = tag;
        size++;
    }

    /** The first block with the tag of this digest that the judge accepts, or -1. */
    public int find(byte[] digest, Judge judge) {
        short tag = tag(digest, 0);
        int place = place(digest, 0);
        while (blocks[place] != 0) {
            if (tags[place] == tag && judge.isIt(blocks[place] - 1)) {
                return blocks[place] - 1;
            }
            place = place + 1 == blocks.length ? 0 : place + 1;
        }
        return -1;
    }

    private int place(byte[] digest, int offset) {
        long hash =
                (digest[offset] & 0xffL) << 24
                        | (digest[offset + 1] & 0xff) << 16
                        | (digest[offset + 2] & 0xff) << 8
                        | (digest[offset + 3] & 0xff);
        return (int) ((hash * blocks.length) >>> 32);
    }

    private static short tag(byte[] digest, int offset) {
        return (short) (digest[offset + 4] << 8 | (digest[offset + 5] & 0xff));
    }
}
