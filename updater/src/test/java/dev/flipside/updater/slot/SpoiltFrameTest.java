package dev.flipside.updater.slot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Source;
import dev.flipside.updater.trust.FakeSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a frame that was spoilt on the way costs, beside itself. */
class SpoiltFrameTest {
    private static final int BLOCKS = 1000;
    private static final TestRelease RELEASE = TestRelease.of(TestRelease.randomImage(71, BLOCKS));

    /** All of the pack in one range. */
    private static final StagingLimits LIMITS =
            new StagingLimits(1 << 20, 16 << 20, 64 << 10, 1 << 20, 2);

    private final TestSlots slots = TestSlots.empty(1);

    private void stage(Source source) throws FlipsideException {
        Staging.stage(slots.request(RELEASE, source), LIMITS, standing -> {});
    }

    private byte[] staged() throws Exception {
        return slots.read(TestSlots.B_DATA, RELEASE.image.length);
    }

    @Test
    void takesTheRestOfARangeAndAsksForTheSpoiltFrameAlone() throws Exception {
        Spoiling source = new Spoiling(List.of(RELEASE.pack.length / 3), 8);
        stage(source);
        assertArrayEquals(RELEASE.image, staged());
        assertEquals(1, source.refusals);
        assertEquals(2, source.packRanges);
        long twice = source.packBytes - RELEASE.pack.length;
        assertTrue(0 < twice && twice < RELEASE.pack.length / 4, twice + " bytes");
    }

    @Test
    void endsARangeAtItsSecondSpoiltFrame() throws Exception {
        int third = RELEASE.pack.length / 3;
        Spoiling source = new Spoiling(List.of(third, 2 * third), 8);
        stage(source);
        assertArrayEquals(RELEASE.image, staged());
        assertEquals(1, source.refusals);
        assertEquals(3, source.packRanges);
    }

    @Test
    void endsWhereTheSourceHasNothingBetterAndLeavesNoSuperblock() throws Exception {
        Spoiling source = new Spoiling(List.of(RELEASE.pack.length / 3), 0);
        FlipsideException refused = assertThrows(FlipsideException.class, () -> stage(source));
        assertEquals(FailureCode.BLOCK_MISMATCH, refused.failure().code());
        assertArrayEquals(new byte[4096], slots.read(TestSlots.B_TREE, 4096));
    }

    /** Sends other bytes at these places of the pack, each the first time. */
    private static final class Spoiling implements Source {
        private final FakeSource source = RELEASE.source();
        private final List<Integer> spoilt;
        private final int maxRefusals;
        private int refusals;
        private int packRanges;
        private long packBytes;

        Spoiling(List<Integer> spoilt, int maxRefusals) {
            this.spoilt = new ArrayList<>(spoilt);
            this.maxRefusals = maxRefusals;
        }

        @Override
        public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
            return source.fetch(path, maxBytes);
        }

        @Override
        public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
                throws FlipsideException {
            if (!path.equals(RELEASE.packPath())) {
                source.fetchRange(path, offsetBytes, lengthBytes, sink);
                return;
            }
            packRanges++;
            packBytes += lengthBytes;
            byte[] sent = new byte[(int) lengthBytes];
            source.fetchRange(path, offsetBytes, lengthBytes, ByteBuffer.wrap(sent)::put);
            spoilt.removeIf(
                    at -> {
                        boolean isIn = at >= offsetBytes && at < offsetBytes + lengthBytes;
                        if (isIn) {
                            sent[(int) (at - offsetBytes)] ^= 1;
                        }
                        return isIn;
                    });
            sink.accept(ByteBuffer.wrap(sent));
        }

        @Override
        public boolean refused(Failure failure, long goodBytes) {
            refusals++;
            return refusals <= maxRefusals;
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
