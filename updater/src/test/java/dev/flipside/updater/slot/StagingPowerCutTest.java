package dev.flipside.updater.slot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Cuts the power in every write and every flush of staging, and stages again. */
final class StagingPowerCutTest {
    private static final int BLOCKS = 150;
    private static final int LARGE_BLOCKS = 500;
    private static final StagingLimits LIMITS =
            new StagingLimits(1 << 20, 100_000, 64 << 10, 50_000, 1);

    private final byte[] oldImage = TestRelease.randomImage(21, BLOCKS);
    private final TestRelease old = TestRelease.of(oldImage);
    private final TestRelease older = TestRelease.of(TestRelease.changed(oldImage, 22, 40));
    private final TestRelease release = TestRelease.of(TestRelease.changed(oldImage, 23, 40));

    private TestSlots slots(long seed) throws IOException {
        TestSlots slots = TestSlots.booted(old, seed);
        slots.putIntoB(older);
        return slots;
    }

    private StageTally stage(TestSlots slots) throws FlipsideException {
        return Staging.stage(slots.request(release, release.source()), LIMITS, standing -> {});
    }

    @Test
    void survivesACutInEveryOperation() throws Exception {
        TestSlots whole = slots(0);
        PowerLine counting = PowerLine.steady();
        whole.disk.plugInto(counting);
        long fetchedWhole = stage(whole).fetchedBytes();
        assertTrue(counting.operations() > 20, counting.operations() + " operations");
        for (long cut = 0; cut < counting.operations(); cut++) {
            for (long seed = 0; seed < 2; seed++) {
                String at = "cut after %d operations, seed %d".formatted(cut, seed);
                TestSlots slots = slots(seed);
                slots.disk.plugInto(PowerLine.cutAfter(cut));
                assertThrows(PowerCut.class, () -> stage(slots), at);
                slots.disk.powerOn(PowerLine.steady());
                assertCompleteIfItSaysSo(slots, at);
                StageTally tally = stage(slots);
                assertHolds(slots, at);
                assertTrue(tally.fetchedBytes() <= fetchedWhole, at);
                assertArrayEquals(oldImage, slots.read(TestSlots.A_DATA, oldImage.length), at);
            }
        }
    }

    /** So that what is written is the tree, and little else. */
    private static TestSlots withImageInB(TestRelease booted, long seed) throws IOException {
        TestSlots slots = TestSlots.booted(booted, seed);
        slots.disk.write(ByteBuffer.wrap(booted.image), TestSlots.B_DATA);
        slots.disk.flush();
        return slots;
    }

    @Test
    void survivesACutInEveryWriteOfATreeThatIsMostlyCopied() throws Exception {
        byte[] image = TestRelease.randomImage(24, LARGE_BLOCKS);
        TestRelease booted = TestRelease.of(image);
        byte[] changed = image.clone();
        changed[300 * TestRelease.BLOCK + 1] ^= 1;
        TestRelease wanted = TestRelease.of(changed);
        TestSlots whole = withImageInB(booted, 0);
        PowerLine counting = PowerLine.steady();
        whole.disk.plugInto(counting);
        StageTally tally =
                Staging.stage(whole.request(wanted, wanted.source()), LIMITS, standing -> {});
        // The top, one leaf, the index and one frame.
        assertTrue(tally.fetchedBytes() < 2L * TestRelease.BLOCK + wanted.index.length + 300_000);
        for (long cut = 0; cut < counting.operations(); cut++) {
            String at = "cut after %d operations".formatted(cut);
            TestSlots slots = withImageInB(booted, cut);
            slots.disk.plugInto(PowerLine.cutAfter(cut));
            assertThrows(
                    PowerCut.class,
                    () ->
                            Staging.stage(
                                    slots.request(wanted, wanted.source()), LIMITS, standing -> {}),
                    at);
            slots.disk.powerOn(PowerLine.steady());
            StageTally again = slots.stage(wanted, wanted.source());
            assertTrue(again.fetchedBytes() <= tally.fetchedBytes(), at);
            assertArrayEquals(wanted.tree, slots.read(TestSlots.B_TREE, wanted.tree.length), at);
            assertArrayEquals(wanted.image, slots.read(TestSlots.B_DATA, wanted.image.length), at);
        }
    }

    @Test
    void comesToItsEndUnderRepeatedCuts() throws Exception {
        for (long seed = 0; seed < 5; seed++) {
            TestSlots slots = slots(seed);
            int cuts = 0;
            boolean done = false;
            while (!done) {
                slots.disk.powerOn(PowerLine.cutAfter(10));
                try {
                    stage(slots);
                    done = true;
                } catch (PowerCut e) {
                    cuts++;
                }
                assertTrue(cuts < 100, "no end, seed " + seed);
            }
            assertTrue(cuts > 0, "no cut, seed " + seed);
            assertHolds(slots, "seed " + seed);
        }
    }

    /** The superblock is written last, so nobody can take a slot with one for half a release. */
    private void assertCompleteIfItSaysSo(TestSlots slots, String at) throws IOException {
        byte[] superblock = slots.read(TestSlots.B_TREE, TestRelease.BLOCK);
        boolean isNew = Arrays.equals(superblock, VeritySuperblock.encode(release.parameters));
        boolean isOlderAlone =
                Arrays.equals(older.tree, slots.read(TestSlots.B_TREE, older.tree.length));
        if (isNew && !isOlderAlone) {
            assertHolds(slots, at);
        }
    }

    private void assertHolds(TestSlots slots, String at) throws IOException {
        assertArrayEquals(release.image, slots.read(TestSlots.B_DATA, release.image.length), at);
        assertArrayEquals(release.tree, slots.read(TestSlots.B_TREE, release.tree.length), at);
        assertEquals(0, slots.disk.unflushedSectors(), at);
    }
}
