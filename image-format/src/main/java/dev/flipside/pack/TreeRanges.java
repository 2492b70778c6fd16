package dev.flipside.pack;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;

import java.util.BitSet;
import java.util.Optional;

/** Joins the blocks of one level of a hash tree that are needed into few ranges of its file. */
public final class TreeRanges {
    private final BitSet needed;
    private final long levelOffsetBytes;
    private final GapBudget budget;
    private int position;

    /**
     * Whole blocks of which the first and the last are needed.
     *
     * @param offsetBytes in the file
     */
    public record Range(long offsetBytes, long lengthBytes) {}

    /**
     * @param needed by their numbers on the level
     * @param levelOffsetBytes where the level begins in the file
     * @param budget of all levels of the tree
     */
    public TreeRanges(BitSet needed, long levelOffsetBytes, GapBudget budget) {
        this.needed = needed;
        this.levelOffsetBytes = levelOffsetBytes;
        this.budget = budget;
    }

    /** The next range, or empty when there is none. */
    public Optional<Range> next() {
        int first = needed.nextSetBit(position);
        if (first < 0) {
            return Optional.empty();
        }
        budget.begin(offsetBytes(first), BLOCK_SIZE_BYTES);
        int next = needed.nextSetBit(first + 1);
        while (next >= 0 && budget.join(offsetBytes(next), BLOCK_SIZE_BYTES)) {
            next = needed.nextSetBit(next + 1);
        }
        position = next < 0 ? needed.length() : next;
        return Optional.of(new Range(budget.startBytes(), budget.lengthBytes()));
    }

    private long offsetBytes(int block) {
        return levelOffsetBytes + (long) block * BLOCK_SIZE_BYTES;
    }
}
