package dev.flipside.updater.slot;

import static dev.flipside.updater.slot.TestRelease.BLOCK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FailureGroup;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Source;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sends a host other bytes than were published: all refused, and nothing wrong is written. */
final class StagingTamperTest {
    private static final int BLOCKS = 150;
    private static final int FLIPS = 80;

    private final byte[] before = TestRelease.randomImage(31, BLOCKS);
    private final byte[] beforeTree = TestRelease.of(before).tree;
    private final TestRelease release = TestRelease.of(TestRelease.randomImage(32, BLOCKS));

    private TestSlots slots() throws IOException {
        TestSlots slots = TestSlots.empty(1);
        slots.putIntoB(TestRelease.of(before));
        return slots;
    }

    private FailureCode refuse(TestRelease wanted, Source source, String message)
            throws IOException {
        TestSlots slots = slots();
        FlipsideException e =
                assertThrows(FlipsideException.class, () -> slots.stage(wanted, source), message);
        assertEquals(FailureGroup.UNTRUSTED_IMAGE, e.failure().code().group(), message);
        assertNothingWrong(slots, message);
        return e.failure().code();
    }

    /** Each block is the old one or the new one, and there is no superblock. */
    private void assertNothingWrong(TestSlots slots, String message) throws IOException {
        byte[] found = slots.read(TestSlots.B_DATA, release.image.length);
        for (int block = 0; block < BLOCKS; block++) {
            var now = TestRelease.block(found, block);
            assertTrue(
                    now.equals(TestRelease.block(before, block))
                            || now.equals(TestRelease.block(release.image, block)),
                    message + ", block " + block);
        }
        for (byte b : slots.read(TestSlots.B_TREE, BLOCK)) {
            assertEquals(0, b, message);
        }
        for (int at = BLOCK; at < release.tree.length; at += BLOCK) {
            byte[] now = slots.read(TestSlots.B_TREE + at, BLOCK);
            assertTrue(
                    Arrays.equals(now, 0, BLOCK, beforeTree, at, at + BLOCK)
                            || Arrays.equals(now, 0, BLOCK, release.tree, at, at + BLOCK),
                    message + ", tree byte " + at);
        }
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << (at % 8));
        return flipped;
    }

    @Test
    void refusesAPackWithAFlippedBit() throws Exception {
        long seed = 41;
        Random random = new Random(seed);
        for (int i = 0; i < FLIPS; i++) {
            int at = random.nextInt(release.pack.length);
            Source source = release.source(release.tree, flipped(release.pack, at), release.index);
            assertEquals(
                    FailureCode.BLOCK_MISMATCH,
                    refuse(release, source, "byte " + at + ", seed " + seed));
        }
    }

    @Test
    void refusesAnIndexWithAFlippedBit() throws Exception {
        for (int at = 0; at < release.index.length; at += 5) {
            Source source = release.source(release.tree, release.pack, flipped(release.index, at));
            assertEquals(FailureCode.DIGEST_MISMATCH, refuse(release, source, "byte " + at));
        }
    }

    @Test
    void refusesATreeWithAFlippedBit() throws Exception {
        for (int at = BLOCK; at < release.tree.length; at += 97) {
            Source source = release.source(flipped(release.tree, at), release.pack, release.index);
            assertEquals(FailureCode.BLOCK_MISMATCH, refuse(release, source, "byte " + at));
        }
    }

    @Test
    void takesTheSuperblockFromTheManifestAlone() throws Exception {
        byte[] other = release.tree.clone();
        Arrays.fill(other, 0, BLOCK, (byte) 0xa5);
        TestSlots slots = slots();
        slots.stage(release, release.source(other, release.pack, release.index));
        byte[] found = slots.read(TestSlots.B_TREE, release.tree.length);
        assertEquals(-1, Arrays.mismatch(release.tree, found));
    }

    @Test
    void writesNothingWrongWhenASignedIndexLies() throws Exception {
        for (int at = 0; at < release.index.length; at += 3) {
            TestRelease lying = release.withIndex(flipped(release.index, at));
            String message = "byte " + at;
            TestSlots slots = slots();
            try {
                slots.stage(lying, lying.source());
                byte[] found = slots.read(TestSlots.B_DATA, release.image.length);
                assertEquals(-1, Arrays.mismatch(release.image, found), message);
            } catch (FlipsideException e) {
                assertTrue(
                        e.failure().code() == FailureCode.PACK_MALFORMED
                                || e.failure().code() == FailureCode.BLOCK_MISMATCH,
                        message + ": " + e.getMessage());
                assertNothingWrong(slots, message);
            }
        }
    }
}
