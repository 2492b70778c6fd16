package dev.flipside.updater.slot;

import static dev.flipside.updater.slot.TestRelease.BLOCK;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.updater.source.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StagingTest {
    private static final int BLOCKS = 1000;

    private static final byte[] OLD_IMAGE = TestRelease.randomImage(1, BLOCKS);
    private static final TestRelease OLD = TestRelease.of(OLD_IMAGE);
    private static final TestRelease RELEASE =
            TestRelease.of(TestRelease.changed(OLD_IMAGE, 2, 60));

    private static void assertHolds(TestSlots slots, TestRelease expected, String message)
            throws IOException {
        assertArrayEquals(
                expected.image, slots.read(TestSlots.B_DATA, expected.image.length), message);
        assertArrayEquals(
                expected.tree, slots.read(TestSlots.B_TREE, expected.tree.length), message);
    }

    private static FailureCode codeOf(TestSlots slots, TestRelease wanted, Source source) {
        return assertThrows(FlipsideException.class, () -> slots.stage(wanted, source))
                .failure()
                .code();
    }

    /** What a host cannot take from anywhere but the source. */
    private static long missing(TestRelease wanted, byte[]... known) {
        Set<ByteBuffer> have = new HashSet<>();
        for (byte[] image : known) {
            for (int block = 0; block < image.length / BLOCK; block++) {
                have.add(TestRelease.block(image, block));
            }
        }
        long missing = 0;
        for (int block = 0; block < wanted.image.length / BLOCK; block++) {
            missing += have.contains(TestRelease.block(wanted.image, block)) ? 0 : 1;
        }
        return missing;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 127, 128, 129, 1000, 1200})
    void stagesAnImageOfAnySizeIntoAnEmptySlot(int blocks) throws Exception {
        TestRelease wanted = TestRelease.of(TestRelease.randomImage(blocks, blocks));
        TestSlots slots = TestSlots.empty(1);
        StageTally tally = slots.stage(wanted, wanted.source());
        assertHolds(slots, wanted, blocks + " blocks");
        assertEquals(blocks, tally.blocksInPlace() + tally.blocksReused() + tally.blocksFetched());
        assertEquals(0, slots.disk.unflushedSectors());
    }

    @Test
    void takesFromTheBootedSlotAllThatIsThere() throws Exception {
        TestSlots slots = TestSlots.booted(OLD, 1);
        StageTally tally = slots.stage(RELEASE, RELEASE.source());
        assertHolds(slots, RELEASE, "after an update");
        // The zero blocks stand right in the empty slot already.
        long missing = missing(RELEASE, OLD_IMAGE, new byte[BLOCK]);
        assertTrue(missing > 10 && missing < 100, "missing " + missing);
        assertEquals(missing, tally.blocksFetched());
        assertEquals(BLOCKS, tally.blocksInPlace() + tally.blocksReused() + missing);
        assertEquals(
                tally.writtenBytes(),
                (BLOCKS - tally.blocksInPlace()) * BLOCK + RELEASE.tree.length + BLOCK);
    }

    @Test
    void takesWhatStandsInTheSlotFromTheReleaseBefore() throws Exception {
        TestSlots slots = TestSlots.booted(TestRelease.of(new byte[2 * BLOCK]), 1);
        slots.putIntoB(OLD);
        StageTally tally = slots.stage(RELEASE, RELEASE.source());
        assertHolds(slots, RELEASE, "over another release");
        long same = 0;
        for (int block = 0; block < BLOCKS; block++) {
            same +=
                    TestRelease.block(OLD_IMAGE, block)
                                    .equals(TestRelease.block(RELEASE.image, block))
                            ? 1
                            : 0;
        }
        assertEquals(same, tally.blocksInPlace());
    }

    @Test
    void fetchesAndWritesNothingWhenTheReleaseStandsThereAlready() throws Exception {
        TestSlots slots = TestSlots.booted(OLD, 1);
        slots.stage(RELEASE, RELEASE.source());
        StageTally again = slots.stage(RELEASE, RELEASE.source());
        assertEquals(0, again.fetchedBytes());
        assertEquals(BLOCKS, again.blocksInPlace());
        assertEquals(2L * BLOCK, again.writtenBytes(), "the superblock, taken away and put back");
        assertHolds(slots, RELEASE, "staged twice");
    }

    @Test
    void fetchesHardlyMoreThanTheFramesThatItNeeds() throws Exception {
        byte[] large = TestRelease.randomImage(5, 1200);
        TestRelease wanted = TestRelease.of(TestRelease.changed(large, 6, 8));
        TestSlots slots = TestSlots.booted(TestRelease.of(large), 1);
        BreakingSource source = new BreakingSource(wanted.source(), 1, Long.MAX_VALUE);
        StageTally tally = slots.stage(wanted, source);
        assertTrue(tally.fetchedBytes() < wanted.pack.length / 2, tally.toString());
        assertEquals(tally.fetchedBytes(), source.rangeSizes().stream().mapToLong(n -> n).sum());
    }

    @Test
    void goesOnWhereTheSourceBroke() throws Exception {
        TestSlots slots = TestSlots.empty(1);
        long whole = (long) RELEASE.pack.length + RELEASE.tree.length + RELEASE.index.length;
        long fetched = 0;
        int runs = 0;
        boolean done = false;
        while (!done) {
            BreakingSource source = new BreakingSource(RELEASE.source(), runs, 500_000);
            try {
                slots.stage(RELEASE, source);
                done = true;
            } catch (FlipsideException e) {
                assertEquals(FailureCode.SOURCE_UNREACHABLE, e.failure().code());
            }
            fetched += source.fetchedBytes();
            runs++;
            assertTrue(runs < 20, "no end after " + fetched + " bytes");
        }
        assertHolds(slots, RELEASE, "after breaks");
        assertTrue(runs > 3, runs + " runs");
        // Each run fetches the index again, and the frame within which the last one broke.
        long again = runs * (RELEASE.index.length + 64L * BLOCK);
        assertTrue(fetched <= whole + again, fetched + " of " + whole);
    }

    @Test
    void leavesADiskThatIsTooSmallAsItIs() throws Exception {
        TestRelease large = TestRelease.of(TestRelease.randomImage(3, 1201));
        TestSlots slots = TestSlots.booted(OLD, 1);
        long written = slots.disk.writtenBytes();
        assertEquals(FailureCode.SLOT_TOO_SMALL, codeOf(slots, large, large.source()));
        StageRequest request = slots.request(RELEASE, RELEASE.source());
        StageRequest smallTree =
                new StageRequest(
                        request.manifest(),
                        request.data(),
                        new PartitionDevice(
                                slots.disk, TestSlots.B_TREE, RELEASE.tree.length - 512),
                        request.signature(),
                        request.booted(),
                        request.source());
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> Staging.stage(smallTree, TestSlots.LIMITS, standing -> {}));
        assertEquals(FailureCode.SLOT_TOO_SMALL, e.failure().code());
        assertEquals(written, slots.disk.writtenBytes());
    }

    @Test
    void fetchesWhatCannotBeReadFromTheBootedSlot() throws Exception {
        TestSlots slots = TestSlots.booted(OLD, 1);
        slots.disk.failReads(TestSlots.A_DATA + 100 * BLOCK + 700, 1);
        slots.disk.failReads(TestSlots.A_TREE + 4 * BLOCK, 512);
        StageTally tally = slots.stage(RELEASE, RELEASE.source());
        assertHolds(slots, RELEASE, "with read errors");
        assertTrue(tally.blocksFetched() > missing(RELEASE, OLD_IMAGE, new byte[BLOCK]));
        assertTrue(tally.blocksReused() > 300, tally.toString());
    }

    @Test
    void fetchesWhatHasRottedInTheBootedSlot() throws Exception {
        TestSlots slots = TestSlots.booted(OLD, 1);
        for (int block = 0; block < 50; block++) {
            slots.disk.rot(TestSlots.A_DATA + (long) block * BLOCK + 17, 1 << (block % 8));
        }
        slots.disk.rot(TestSlots.A_TREE + 3 * BLOCK + 5, 4);
        slots.stage(RELEASE, RELEASE.source());
        assertHolds(slots, RELEASE, "with rotten blocks");
    }

    @Test
    void doesWithoutABootedSlotThatItCannotUse() throws Exception {
        TestSlots slots = TestSlots.booted(TestRelease.of(OLD_IMAGE, "00"), 1);
        StageTally tally = slots.stage(RELEASE, RELEASE.source());
        assertHolds(slots, RELEASE, "another salt");
        assertTrue(tally.blocksFetched() > BLOCKS / 2);
        TestSlots broken = TestSlots.booted(OLD, 1);
        broken.disk.rot(TestSlots.A_TREE + 1, 1);
        broken.stage(RELEASE, RELEASE.source());
        assertHolds(broken, RELEASE, "no superblock");
        StageRequest request = TestSlots.empty(1).request(RELEASE, RELEASE.source());
        StageRequest alone =
                new StageRequest(
                        request.manifest(),
                        request.data(),
                        request.tree(),
                        request.signature(),
                        Optional.empty(),
                        request.source());
        Staging.stage(alone, TestSlots.LIMITS, standing -> {});
    }

    @Test
    void findsBlocksOfTheBootedSlotInAsManyRoundsAsASmallLookupNeeds() throws Exception {
        StageTally atOnce = TestSlots.booted(OLD, 1).stage(RELEASE, RELEASE.source());
        assertTrue(atOnce.blocksReused() > BLOCKS / 2, atOnce.toString());
        for (int lookupBytes : List.of(12, 600, 6 * BLOCKS)) {
            TestSlots slots = TestSlots.booted(OLD, 1);
            StageTally tally = stage(slots, lookupBytes);
            assertHolds(slots, RELEASE, "with a lookup of " + lookupBytes);
            assertEquals(
                    List.of(atOnce.blocksReused(), atOnce.blocksFetched()),
                    List.of(tally.blocksReused(), tally.blocksFetched()),
                    "with a lookup of " + lookupBytes);
        }
        assertEquals(0, stage(TestSlots.booted(OLD, 1), 0).blocksReused());
    }

    private static StageTally stage(TestSlots slots, int lookupBytes) throws Exception {
        StagingLimits small = new StagingLimits(lookupBytes, 1 << 20, 64 << 10, 1 << 20, 1);
        return Staging.stage(slots.request(RELEASE, RELEASE.source()), small, standing -> {});
    }

    @Test
    void repairsABlockOfTheSlotThatCouldNotBeReadOnceItIsWritten() throws Exception {
        TestSlots slots = TestSlots.booted(OLD, 1);
        slots.stage(RELEASE, RELEASE.source());
        slots.disk.failReads(TestSlots.B_DATA + 5 * BLOCK, 512);
        assertEquals(FailureCode.DISK_UNREADABLE, codeOf(slots, RELEASE, RELEASE.source()));
        slots.disk.heal();
        slots.disk.rot(TestSlots.B_DATA + 5 * BLOCK, 1);
        StageTally tally = slots.stage(RELEASE, RELEASE.source());
        assertEquals(BLOCKS - 1, tally.blocksInPlace());
        assertHolds(slots, RELEASE, "repaired");
    }

    /** Where a block of the release stands in slot B that an empty slot does not hold already. */
    private long writtenOffset() {
        int block = 20;
        while (TestRelease.block(RELEASE.image, block).equals(ByteBuffer.allocate(BLOCK))) {
            block++;
        }
        return TestSlots.B_DATA + (long) block * BLOCK;
    }

    @Test
    void reportsADiskThatTakesNoWrites() throws Exception {
        for (long offset :
                List.of(TestSlots.B_TREE, TestSlots.B_TREE + 5 * BLOCK, writtenOffset())) {
            TestSlots slots = TestSlots.booted(OLD, 1);
            slots.disk.failWrites(offset, 512);
            assertEquals(FailureCode.IO_FAILED, codeOf(slots, RELEASE, RELEASE.source()));
            TestSlots full = TestSlots.booted(OLD, 1);
            full.disk.refuseForRoom(offset, 512);
            assertEquals(FailureCode.NO_ROOM, codeOf(full, RELEASE, RELEASE.source()));
        }
    }

    @Test
    void findsWritesThatNeverReachedTheMedium() throws Exception {
        for (long offset :
                List.of(writtenOffset(), TestSlots.B_TREE, TestSlots.B_TREE + 2 * BLOCK)) {
            TestSlots slots = TestSlots.booted(OLD, 1);
            slots.disk.loseWrites(offset, 512);
            assertEquals(
                    FailureCode.SLOT_READBACK_FAILED,
                    codeOf(slots, RELEASE, RELEASE.source()),
                    "at " + offset);
        }
    }

    @Test
    void tellsHowFarItIs() throws Exception {
        TestSlots slots = TestSlots.booted(OLD, 1);
        List<Progress.Standing> standings = new ArrayList<>();
        StageTally tally =
                Staging.stage(
                        slots.request(RELEASE, RELEASE.source()), TestSlots.LIMITS, standings::add);
        assertEquals(tally, standings.getLast().tally());
        assertEquals(Progress.Phase.READING_BACK, standings.getLast().phase());
        for (Progress.Phase phase : Progress.Phase.values()) {
            List<Progress.Standing> of =
                    standings.stream().filter(standing -> standing.phase() == phase).toList();
            assertTrue(!of.isEmpty(), phase.code());
            long before = 0;
            for (Progress.Standing standing : of) {
                assertTrue(standing.doneBlocks() >= before, standing.toString());
                before = standing.doneBlocks();
            }
            if (phase != Progress.Phase.REUSING) {
                assertEquals(BLOCKS, before, phase.code());
            }
        }
    }
}
