package dev.flipside.updater.slot;

import static dev.flipside.updater.slot.TestRelease.BLOCK;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyDisk;
import dev.flipside.updater.slot.BreakingSource.Range;
import dev.flipside.updater.source.Source;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Which blocks of a hash tree are kept, copied and fetched. The tree here: top, then nine leaves.
 */
final class StagedTreeTest {
    private static final int BLOCKS = 9 * VerityParameters.DIGESTS_PER_BLOCK;
    private static final int FIRST_LEAF = 2;

    private final byte[] oldImage = TestRelease.randomImage(61, BLOCKS);
    private final TestRelease old = TestRelease.of(oldImage);

    /** The old image with other bytes in the blocks under two leaves. */
    private final TestRelease release =
            TestRelease.of(withNew(oldImage, 3 * 128 + 5, 4 * 128, 900));

    private static byte[] withNew(byte[] image, int... blocks) {
        byte[] changed = image.clone();
        for (int block : blocks) {
            byte[] bytes = new byte[BLOCK];
            new Random(block).nextBytes(bytes);
            System.arraycopy(bytes, 0, changed, block * BLOCK, BLOCK);
        }
        return changed;
    }

    private static Range blocks(TestRelease release, int first, int count) {
        return new Range(release.treePath(), (long) first * BLOCK, (long) count * BLOCK);
    }

    /** Stages, requires that the slot holds the release, and returns what was asked of the tree. */
    private static List<Range> stage(TestSlots slots, TestRelease wanted) throws Exception {
        BreakingSource source = new BreakingSource(wanted.source(), 1, Long.MAX_VALUE);
        slots.stage(wanted, source);
        assertArrayEquals(wanted.tree, slots.read(TestSlots.B_TREE, wanted.tree.length));
        assertArrayEquals(wanted.image, slots.read(TestSlots.B_DATA, wanted.image.length));
        return source.rangesOf(wanted.treePath());
    }

    @Test
    void fetchesTheBlocksThatTheBootedTreeLacksAndNoOthers() throws Exception {
        assertEquals(
                List.of(
                        blocks(release, 1, 1),
                        blocks(release, FIRST_LEAF + 3, 2),
                        blocks(release, FIRST_LEAF + 7, 1)),
                stage(TestSlots.booted(old, 1), release));
    }

    @Test
    void fetchesALevelAtOnceWhereNothingIsAtHand() throws Exception {
        List<Range> whole = List.of(blocks(release, 1, 1), blocks(release, FIRST_LEAF, 9));
        assertEquals(whole, stage(TestSlots.empty(1), release));
        assertEquals(whole, stage(TestSlots.booted(TestRelease.of(oldImage, "00"), 1), release));
    }

    @Test
    void keepsTheBlocksThatStandInTheSlotFromTheReleaseBefore() throws Exception {
        TestSlots slots = TestSlots.empty(1);
        slots.putIntoB(old);
        assertEquals(
                List.of(
                        blocks(release, 1, 1),
                        blocks(release, FIRST_LEAF + 3, 2),
                        blocks(release, FIRST_LEAF + 7, 1)),
                stage(slots, release));
    }

    @Test
    void copiesABlockFromAnotherPlaceOfTheBootedTree() throws Exception {
        byte[] moved = new byte[oldImage.length];
        int unit = VerityParameters.DIGESTS_PER_BLOCK * BLOCK;
        new Random(7).nextBytes(moved);
        System.arraycopy(oldImage, 0, moved, unit, oldImage.length - unit);
        TestRelease shifted = TestRelease.of(moved);
        assertEquals(
                List.of(blocks(shifted, 1, 1), blocks(shifted, FIRST_LEAF, 1)),
                stage(TestSlots.booted(old, 1), shifted));
    }

    @Test
    void fetchesABlockThatHasRottedInTheBootedTree() throws Exception {
        TestSlots slots = TestSlots.booted(old, 1);
        slots.disk.rot(TestSlots.A_TREE + (FIRST_LEAF + 1) * BLOCK + 77, 1);
        slots.disk.failReads(TestSlots.A_TREE + (FIRST_LEAF + 6) * BLOCK + 512, 512);
        assertEquals(
                List.of(
                        blocks(release, 1, 1),
                        blocks(release, FIRST_LEAF + 1, 1),
                        blocks(release, FIRST_LEAF + 3, 2),
                        blocks(release, FIRST_LEAF + 6, 2)),
                stage(slots, release));
    }

    @Test
    void fetchesAllWhereTheBootedHashPartitionIsCorrupt() throws Exception {
        List<Range> whole = List.of(blocks(release, 1, 1), blocks(release, FIRST_LEAF, 9));
        TestSlots noSuperblock = TestSlots.booted(old, 1);
        noSuperblock.disk.rot(TestSlots.A_TREE + 3, 1);
        assertEquals(whole, stage(noSuperblock, release), "no superblock");
        TestSlots unreadable = TestSlots.booted(old, 1);
        unreadable.disk.failReads(TestSlots.A_TREE, TestSlots.TREE_BYTES);
        assertEquals(whole, stage(unreadable, release), "unreadable");
        TestSlots noise = TestSlots.booted(old, 1);
        byte[] random = new byte[old.tree.length - BLOCK];
        new Random(8).nextBytes(random);
        noise.disk.write(ByteBuffer.wrap(random), TestSlots.A_TREE + BLOCK);
        assertEquals(whole, stage(noise, release), "noise");
    }

    @Test
    void copiesNoBlockThatABootedTreeOnlyClaimsToHave() throws Exception {
        TestSlots slots = TestSlots.booted(old, 1);
        // The top says that the leaves are the new ones; what stands below it is not.
        slots.disk.write(ByteBuffer.wrap(release.tree, BLOCK, BLOCK), TestSlots.A_TREE + BLOCK);
        assertEquals(
                List.of(
                        blocks(release, 1, 1),
                        blocks(release, FIRST_LEAF + 3, 2),
                        blocks(release, FIRST_LEAF + 7, 1)),
                stage(slots, release));
    }

    @Test
    void writesNoBlockThatIsNotTheOne() throws Exception {
        for (int wrong = 1; wrong < release.tree.length / BLOCK; wrong++) {
            byte[] tree = release.tree.clone();
            tree[wrong * BLOCK + wrong * 31] ^= 8;
            TestSlots slots = TestSlots.empty(1);
            String message = "block " + wrong;
            FlipsideException e =
                    assertThrows(
                            FlipsideException.class,
                            () ->
                                    slots.stage(
                                            release,
                                            release.source(tree, release.pack, release.index)),
                            message);
            assertEquals(FailureCode.BLOCK_MISMATCH, e.failure().code(), message);
            assertOnlyRightBlocks(slots, message);
        }
    }

    private void assertOnlyRightBlocks(TestSlots slots, String message) throws IOException {
        byte[] found = slots.read(TestSlots.B_TREE, release.tree.length);
        byte[] none = new byte[BLOCK];
        for (int at = 0; at < found.length; at += BLOCK) {
            boolean isRight =
                    at > 0 && Arrays.equals(found, at, at + BLOCK, release.tree, at, at + BLOCK);
            boolean isEmpty = Arrays.equals(found, at, at + BLOCK, none, 0, BLOCK);
            assertTrue(isRight || isEmpty, message + ", byte " + at);
        }
    }

    @Test
    void doesNotMindWhatStandsInBlocksThatItDoesNotNeed() throws Exception {
        byte[] tree = release.tree.clone();
        tree[(FIRST_LEAF + 5) * BLOCK] ^= 1;
        TestSlots slots = TestSlots.booted(old, 1);
        slots.stage(release, release.source(tree, release.pack, release.index));
        assertArrayEquals(release.tree, slots.read(TestSlots.B_TREE, release.tree.length));
    }

    @Test
    void leavesABlockAloneThatStandsInAGapThatIsFetchedAlong() throws Exception {
        int leaves = 30;
        byte[] image = withNew(new byte[leaves * 128 * BLOCK], 128, 20 * 128 + 1);
        TestRelease large = TestRelease.of(image);
        byte[] sent = large.tree.clone();
        int gap = FIRST_LEAF + 20;
        sent[gap * BLOCK + 9] ^= 1;
        FaultyDisk disk = new FaultyDisk(large.tree.length, 512, 1);
        disk.write(ByteBuffer.wrap(large.tree, gap * BLOCK, BLOCK), (long) gap * BLOCK);
        BreakingSource source =
                new BreakingSource(large.source(sent, large.pack, large.index), 1, Long.MAX_VALUE);
        StagedTree tree = new StagedTree(disk, large.parameters, large.rootHash, TestSlots.LIMITS);
        tree.complete(Optional.empty(), source, large.treePath());
        tree.writeSuperblock();
        ByteBuffer found = ByteBuffer.allocate(large.tree.length);
        disk.read(found, 0);
        assertArrayEquals(large.tree, found.array());
        assertEquals(
                List.of(blocks(large, 1, 1), blocks(large, FIRST_LEAF, leaves)),
                source.rangesOf(large.treePath()));
    }

    @Test
    void asksAgainFromTheBlockThatWasNotTheOne() throws Exception {
        byte[] wrong = release.tree.clone();
        wrong[(FIRST_LEAF + 6) * BLOCK] ^= 1;
        SecondAnswer source =
                new SecondAnswer(
                        release.source(wrong, release.pack, release.index), release.source());
        TestSlots slots = TestSlots.empty(1);
        slots.stage(release, source);
        assertArrayEquals(release.tree, slots.read(TestSlots.B_TREE, release.tree.length));
        assertEquals(List.of(6L * BLOCK), source.goodBytes);
        assertEquals(
                List.of(
                        blocks(release, 1, 1),
                        blocks(release, FIRST_LEAF, 9),
                        blocks(release, FIRST_LEAF + 6, 3)),
                source.ranges.stream()
                        .filter(range -> range.path().equals(release.treePath()))
                        .toList());
    }

    /** A source that has another address. */
    private static final class SecondAnswer implements Source {
        private final List<Range> ranges = new ArrayList<>();
        private final List<Long> goodBytes = new ArrayList<>();
        private final Source other;
        private Source source;

        SecondAnswer(Source first, Source other) {
            this.source = first;
            this.other = other;
        }

        @Override
        public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
            return source.fetch(path, maxBytes);
        }

        @Override
        public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
                throws FlipsideException {
            ranges.add(new Range(path, offsetBytes, lengthBytes));
            source.fetchRange(path, offsetBytes, lengthBytes, sink);
        }

        @Override
        public boolean refused(Failure failure, long good) {
            goodBytes.add(good);
            source = other;
            return goodBytes.size() == 1;
        }

        @Override
        public long fetchedBytes() {
            return source.fetchedBytes();
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
