package dev.flipside.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BlockLookupTest {
    private static final int BLOCKS = 5000;

    private final byte[][] digests = new byte[BLOCKS][32];
    private int asked;

    BlockLookupTest() {
        Random random = new Random(61);
        for (byte[] digest : digests) {
            random.nextBytes(digest);
        }
    }

    private int find(BlockLookup lookup, byte[] digest) {
        return lookup.find(digest, block -> same(block, digest));
    }

    private boolean same(int block, byte[] digest) {
        asked++;
        return Arrays.equals(digests[block], digest);
    }

    private BlockLookup filled(int maxBytes) {
        BlockLookup lookup = new BlockLookup(BLOCKS, maxBytes);
        for (int i = 0; i < BLOCKS; i++) {
            byte[] digest = digests[i];
            lookup.add(digest, 0, i, block -> same(block, digest));
        }
        return lookup;
    }

    @Test
    void findsEveryBlockAndHardlyEverAsksInVain() {
        BlockLookup lookup = filled(1 << 20);
        asked = 0;
        for (int i = 0; i < BLOCKS; i++) {
            assertEquals(i, find(lookup, digests[i]));
        }
        assertTrue(asked < BLOCKS + 20, "asked " + asked + " times");
    }

    @Test
    void findsNothingThatIsNotThere() {
        BlockLookup lookup = filled(1 << 20);
        Random random = new Random(62);
        byte[] other = new byte[32];
        for (int i = 0; i < BLOCKS; i++) {
            random.nextBytes(other);
            assertEquals(-1, find(lookup, other));
        }
        assertEquals(-1, find(new BlockLookup(0, 0), other));
    }

    @Test
    void keepsTheFirstOfEqualBlocks() {
        digests[4000] = digests[10].clone();
        assertEquals(10, find(filled(1 << 20), digests[4000]));
    }

    @Test
    void tellsBlocksApartWhoseHintsAreEqual() {
        for (int i = 0; i < 100; i++) {
            System.arraycopy(digests[0], 0, digests[i], 0, 6);
        }
        BlockLookup lookup = filled(1 << 20);
        for (int i = 0; i < 100; i++) {
            assertEquals(i, find(lookup, digests[i]));
        }
    }

    @Test
    void takesNoMoreThanFits() {
        BlockLookup lookup = filled(6000);
        long found = 0;
        for (byte[] digest : digests) {
            found += find(lookup, digest) >= 0 ? 1 : 0;
        }
        assertEquals(800, found);
    }

    @Test
    void takesOthersOnceItIsCleared() {
        BlockLookup lookup = filled(6000);
        assertTrue(lookup.isFull());
        lookup.clear();
        assertFalse(lookup.isFull());
        for (int i = 800; i < 1600; i++) {
            byte[] digest = digests[i];
            lookup.add(digest, 0, i, block -> same(block, digest));
        }
        assertTrue(lookup.isFull());
        for (int i = 0; i < 2000; i++) {
            assertEquals(i < 800 || i >= 1600 ? -1 : i, find(lookup, digests[i]));
        }
    }
}
