package dev.flipside.pack;

/** Which blocks of an image a host holds in their places already: one bit for each. */
public final class BlockMap {
    private final int blocks;
    private final long[] right;
    private int rightBlocks;

    public BlockMap(int blocks) {
        this.blocks = blocks;
        this.right = new long[(blocks + Long.SIZE - 1) / Long.SIZE];
    }

    public int blocks() {
        return blocks;
    }

    public boolean isRight(int block) {
        return (right[block / Long.SIZE] & bit(block)) != 0;
    }

    public void markRight(int block) {
        if (!isRight(block)) {
            right[block / Long.SIZE] |= bit(block);
            rightBlocks++;
        }
    }

    public int rightBlocks() {
        return rightBlocks;
    }

    /** The first place of a block of a frame that is not right yet, or -1. */
    public int firstMissing(PackFrame frame, int block) {
        for (int i = 0; i < frame.placesOf(block); i++) {
            if (!isRight(frame.place(block, i))) {
                return frame.place(block, i);
            }
        }
        return -1;
    }

    /** The first place of a block of a frame that is right already, or -1. */
    public int firstRight(PackFrame frame, int block) {
        for (int i = 0; i < frame.placesOf(block); i++) {
            if (isRight(frame.place(block, i))) {
                return frame.place(block, i);
            }
        }
        return -1;
    }

    /** Whether a block of the frame is missing, so that the frame has to be fetched. */
    public boolean needs(PackFrame frame) {
        for (int block = 0; block < frame.blocks(); block++) {
            if (firstMissing(frame, block) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static long bit(int block) {
        return 1L << (block % Long.SIZE);
    }
}
