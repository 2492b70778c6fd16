package dev.flipside.builder.diff;

/**
 * How many of the fetched bytes each block of an image has caused: 4 bytes of memory a block.
 *
 * <p>A frame's bytes are shared evenly by those of its blocks that the host lacks, and a block with
 * several places counts for the first that it is fetched for. So all costs add up to what is
 * fetched.
 */
final class BlockCosts {
    private final int[] bytes;

    BlockCosts(int blocks) {
        this.bytes = new int[blocks];
    }

    void add(int block, int moreBytes) {
        bytes[block] += moreBytes;
    }

    /** Of the blocks from {@code first} up to, but without, {@code end}. */
    long between(long first, long end) {
        long sum = 0;
        for (long block = Math.max(first, 0); block < Math.min(end, bytes.length); block++) {
            sum += bytes[(int) block];
        }
        return sum;
    }
}
