package dev.flipside.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.format.RandomAccess;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class FrameBatchesTest {
    private static final int BLOCKS = 4000;

    private final byte[] index;
    private final int packBytes;

    FrameBatchesTest() throws Exception {
        byte[] image = new byte[BLOCKS * BlockPack.BLOCK_SIZE_BYTES];
        new Random(51).nextBytes(image);
        VerityParameters parameters = new VerityParameters("", new UUID(1, 2), BLOCKS);
        byte[] tree = new byte[(int) parameters.geometry().fileSizeBytes()];
        RandomAccess data = RandomAccess.of(image);
        HashTree.build(
                data,
                parameters,
                1,
                (blocks, offset) -> blocks.get(tree, (int) offset, blocks.remaining()),
                n -> {});
        ByteArrayOutputStream packOut = new ByteArrayOutputStream();
        ByteArrayOutputStream indexOut = new ByteArrayOutputStream();
        PackWriter.write(
                data,
                DistinctBlocks.of(RandomAccess.of(tree), BLOCKS),
                1,
                1,
                Channels.newChannel(packOut),
                Channels.newChannel(indexOut),
                n -> {});
        index = indexOut.toByteArray();
        packBytes = packOut.size();
    }

    private PackIndexReader index() throws Exception {
        return new PackIndexReader(new ByteArrayInputStream(index), BLOCKS, packBytes);
    }

    private List<PackFrame> allFrames() throws Exception {
        PackIndexReader index = index();
        List<PackFrame> frames = new ArrayList<>();
        for (Optional<PackFrame> next = index.next(); next.isPresent(); next = index.next()) {
            frames.add(next.get());
        }
        return frames;
    }

    private List<FrameBatches.Batch> batches(Set<Long> needed, int requestBytes, int gapBytes)
            throws Exception {
        FrameBatches batches =
                new FrameBatches(
                        index(),
                        frame -> needed.contains(frame.offsetBytes()),
                        new GapBudget(requestBytes, gapBytes));
        List<FrameBatches.Batch> all = new ArrayList<>();
        for (Optional<FrameBatches.Batch> next = batches.next();
                next.isPresent();
                next = batches.next()) {
            all.add(next.get());
        }
        return all;
    }

    @Test
    void fetchesAWholePackInOneRange() throws Exception {
        Set<Long> all = new HashSet<>(allFrames().stream().map(PackFrame::offsetBytes).toList());
        List<FrameBatches.Batch> batches = batches(all, 1 << 30, 0);
        assertEquals(1, batches.size());
        assertEquals(0, batches.getFirst().offsetBytes());
        assertEquals(packBytes, batches.getFirst().lengthBytes());
    }

    @Test
    void keepsEachRangeWithinItsLimit() throws Exception {
        Set<Long> all = new HashSet<>(allFrames().stream().map(PackFrame::offsetBytes).toList());
        long end = 0;
        for (FrameBatches.Batch batch : batches(all, 700_000, 0)) {
            assertTrue(batch.lengthBytes() <= 700_000 || batch.frames().size() == 1);
            assertEquals(end, batch.offsetBytes());
            end += batch.lengthBytes();
        }
        assertEquals(packBytes, end);
    }

    @Test
    void fetchesEachNeededFrameOnceAndAtMostATwentiethMore() throws Exception {
        List<PackFrame> frames = allFrames();
        assertTrue(frames.size() > 30, frames.size() + " frames");
        int bridged = 0;
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            double share = random.nextDouble();
            Set<Long> needed = new HashSet<>();
            long neededBytes = 0;
            for (PackFrame frame : frames) {
                if (random.nextDouble() < share) {
                    needed.add(frame.offsetBytes());
                    neededBytes += frame.sizeBytes();
                }
            }
            long fetched = 0;
            Set<Long> seen = new HashSet<>();
            for (FrameBatches.Batch batch : batches(needed, 1 << 20, 1 << 20)) {
                fetched += batch.lengthBytes();
                for (PackFrame frame : batch.frames()) {
                    assertTrue(seen.add(frame.offsetBytes()), "twice, seed " + seed);
                    assertTrue(frame.offsetBytes() >= batch.offsetBytes());
                    assertTrue(
                            frame.offsetBytes() + frame.sizeBytes()
                                    <= batch.offsetBytes() + batch.lengthBytes());
                }
            }
            assertEquals(needed, seen, "seed " + seed);
            assertTrue(fetched * 20 <= neededBytes * 21, "seed " + seed + ": " + fetched);
            bridged += fetched > neededBytes ? 1 : 0;
        }
        assertTrue(bridged > 20, "gaps were bridged for " + bridged + " seeds only");
    }
}
