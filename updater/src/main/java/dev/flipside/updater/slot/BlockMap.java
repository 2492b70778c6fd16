package dev.flipside.updater.slot;

/** Which blocks of the image stand right in the inactive slot: one bit for each. */
final class BlockMap {
    private final int blocks;
    private final long[] right;
    private int rightBlocks;

    BlockMap(int blocks) {
        this.blocks = blocks;
        this.right = new long[(blocks + Long.SIZE - 1) / Long.SIZE];
    }

    int blocks() {
        return blocks;
    }

    boolean isRight(int block) {
        return (right[block / Long.SIZE] & bit(block)) != 0;
    }

    void markRight(int block) {
        if (!isRight(block)) {
            right[block / Long.SIZE] |= bit(block);
            rightBlocks++;
        }
    }

    int rightBlocks() {
        return rightBlocks;
    }

    private static long bit(int block) {
        return 1L << (block % Long.SIZE);
    }
}
