package dev.flipside.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.pack.TreeRanges.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TreeRangesTest {
    private static final int BLOCK = 4096;
    private static final long LEVEL = 7L * BLOCK;

    private static List<Range> ranges(BitSet needed, GapBudget budget) {
        TreeRanges ranges = new TreeRanges(needed, LEVEL, budget);
        List<Range> all = new ArrayList<>();
        for (Optional<Range> next = ranges.next(); next.isPresent(); next = ranges.next()) {
            all.add(next.get());
        }
        return all;
    }

    private static Range range(int first, int blocks) {
        return new Range(LEVEL + (long) first * BLOCK, (long) blocks * BLOCK);
    }

    private static BitSet blocks(int... numbers) {
        BitSet blocks = new BitSet();
        for (int number : numbers) {
            blocks.set(number);
        }
        return blocks;
    }

    @Test
    void asksOnceForBlocksThatFollowEachOther() {
        GapBudget budget = new GapBudget(1 << 20, 1 << 16);
        assertEquals(List.of(range(0, 1), range(3, 3)), ranges(blocks(0, 3, 4, 5), budget));
        assertEquals(List.of(), ranges(new BitSet(), budget));
    }

    @Test
    void takesAGapAlongThatIsATwentiethOfWhatIsNeeded() {
        BitSet needed = new BitSet();
        needed.set(0, 19);
        needed.set(20);
        assertEquals(List.of(range(0, 21)), ranges(needed, new GapBudget(1 << 20, 1 << 16)));
        assertEquals(
                List.of(range(0, 19), range(20, 1)), ranges(needed, new GapBudget(1 << 20, 0)));
    }

    @Test
    void keepsTheBudgetFromLevelToLevel() {
        GapBudget budget = new GapBudget(1 << 20, 1 << 16);
        BitSet above = new BitSet();
        above.set(0, 30);
        assertEquals(List.of(range(0, 30)), ranges(above, budget));
        assertEquals(List.of(range(0, 3), range(4, 1)), ranges(blocks(0, 2, 4), budget));
    }

    @Test
    void cutsWhatIsLongerThanARequest() {
        BitSet needed = new BitSet();
        needed.set(5, 15);
        assertEquals(
                List.of(range(5, 4), range(9, 4), range(13, 2)),
                ranges(needed, new GapBudget(4 * BLOCK, 1 << 16)));
    }

    @Test
    void bringsEveryNeededBlockOnceAndFewOthers() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            BitSet needed = new BitSet();
            int percent = 1 + random.nextInt(99);
            for (int block = 0; block < 3000; block++) {
                needed.set(block, random.nextInt(100) < percent);
            }
            BitSet brought = new BitSet();
            long bytes = 0;
            for (Range range : ranges(needed, new GapBudget(1 << 20, 1 << 16))) {
                int first = (int) ((range.offsetBytes() - LEVEL) / BLOCK);
                int end = first + (int) (range.lengthBytes() / BLOCK);
                assertTrue(brought.length() <= first, "in order, seed " + seed);
                assertTrue(range.lengthBytes() <= 1 << 20, "seed " + seed);
                brought.set(first, end);
                bytes += range.lengthBytes();
            }
            brought.and(needed);
            assertEquals(needed, brought, "seed " + seed);
            assertTrue(bytes <= 1.05 * needed.cardinality() * BLOCK, "seed " + seed);
        }
    }
}
