package dev.flipside.updater.slot;

import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.GapBudget;
import dev.flipside.pack.TreeRanges;
import dev.flipside.platform.BlockDevice;
import dev.flipside.updater.source.Source;
import dev.flipside.verity.BlockDigest;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * The hash tree of the release in the hash partition of the inactive slot: the index of all that
 * staging does.
 *
 * <p>Invariant: from {@link #removeSuperblock} to {@link #writeSuperblock} the partition has no
 * superblock, and no digest is given out that does not lead to the root hash. A block of the tree
 * is written only after its digest was found in the block above it, or to be the root hash.
 */
final class StagedTree {
    static final String PARTITION = "hash partition";

    private static final int BLOCK_BYTES = VerityParameters.BLOCK_SIZE_BYTES;

    private final BlockDevice device;
    private final VerityParameters parameters;
    private final TreeGeometry geometry;
    private final StagingLimits limits;
    private final SlotWriter writer;
    private final HashTreeReader reader;
    private final BlockDigest digest;
    private final byte[] expected = new byte[VerityParameters.DIGEST_SIZE_BYTES];
    private final byte[] found = new byte[VerityParameters.DIGEST_SIZE_BYTES];

    StagedTree(
            BlockDevice device,
            VerityParameters parameters,
            byte[] rootHash,
            StagingLimits limits) {
        this.device = device;
        this.parameters = parameters;
        this.geometry = parameters.geometry();
        this.limits = limits;
        this.writer = new SlotWriter(PARTITION, device, limits.flushBytes());
        this.reader = new HashTreeReader(DeviceBytes.cached(device), parameters, rootHash);
        this.digest = new BlockDigest(parameters.saltBytes());
    }

    long writtenBytes() {
        return writer.writtenBytes();
    }

    /** Makes the slot one that nobody takes for complete, before anything else is written. */
    void removeSuperblock() throws FlipsideException {
        writer.put(0, new byte[BLOCK_BYTES], 0);
        writer.flush();
    }

    /**
     * Makes the tree whole, from the top down: keeps the blocks that stand right already, as after
     * a cut, copies what the booted slot's tree has too, and fetches the others. Each is written
     * only after it was hashed and found in the block above it.
     */
    void complete(Optional<BootedBlocks> booted, Source source, String path)
            throws FlipsideException {
        GapBudget budget = limits.newGapBudget();
        for (int level = geometry.levels() - 1; level >= 0; level--) {
            BitSet missing = copy(level, booted);
            fetch(
                    level,
                    new TreeRanges(missing, geometry.levelOffsetBytes(level), budget),
                    missing,
                    source,
                    path);
            // The level below is checked against what stands on the disk.
            writer.flush();
        }
    }

    /** Fills a level with what is at hand, and returns which blocks of it are missing. */
    private BitSet copy(int level, Optional<BootedBlocks> booted) throws FlipsideException {
        long first = geometry.levelOffsetBytes(level) / BLOCK_BYTES;
        int blocks = (int) geometry.blocksOnLevel(level);
        ReadAhead standing = new ReadAhead(device, geometry.fileSizeBytes());
        BitSet missing = new BitSet();
        for (int n = 0; n < blocks; n++) {
            expect(level, n);
            int at = standing.at((first + n) * BLOCK_BYTES);
            if (at >= 0 && isExpected(standing.bytes(), at)) {
                continue;
            }
            int there = booted.isPresent() ? booted.get().find(expected) : -1;
            if (there >= 0 && isExpected(booted.get().bytes(), there)) {
                writer.put(first + n, booted.get().bytes(), there);
            } else {
                missing.set(n);
            }
        }
        return missing;
    }

    private void fetch(int level, TreeRanges ranges, BitSet missing, Source source, String path)
            throws FlipsideException {
        for (Optional<TreeRanges.Range> next = ranges.next();
                next.isPresent();
                next = ranges.next()) {
            Arrival arrival = new Arrival(level, next.get(), missing);
            while (!arrival.isDone()) {
                fetch(arrival, source, path);
            }
        }
    }

    /** Fetches what has not come yet; a block that was refused may be asked for again. */
    private static void fetch(Arrival arrival, Source source, String path)
            throws FlipsideException {
        long goodBefore = arrival.goodBlocks;
        try {
            source.fetchRange(
                    path,
                    arrival.nextBlock * BLOCK_BYTES,
                    (arrival.endBlock - arrival.nextBlock) * BLOCK_BYTES,
                    arrival::accept);
        } catch (FlipsideException e) {
            long goodBytes = (arrival.goodBlocks - goodBefore) * BLOCK_BYTES;
            if (!Insistence.helps(source, e, goodBytes)) {
                throw e;
            }
            arrival.block.clear();
        }
    }

    /** Takes the blocks of a range as they come, however they are cut. */
    private final class Arrival {
        private final int level;
        private final long levelBlock;
        private final BitSet missing;
        private final long endBlock;
        private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        private long nextBlock;
        private long goodBlocks;

        Arrival(int level, TreeRanges.Range range, BitSet missing) {
            this.level = level;
            this.levelBlock = geometry.levelOffsetBytes(level) / BLOCK_BYTES;
            this.missing = missing;
            this.nextBlock = range.offsetBytes() / BLOCK_BYTES;
            this.endBlock = nextBlock + range.lengthBytes() / BLOCK_BYTES;
        }

        boolean isDone() {
            return nextBlock == endBlock;
        }

        void accept(ByteBuffer piece) throws FlipsideException {
            while (piece.hasRemaining()) {
                int take = Math.min(piece.remaining(), block.remaining());
                block.put(piece.slice(piece.position(), take));
                piece.position(piece.position() + take);
                if (!block.hasRemaining()) {
                    put(block.array());
                    block.clear();
                    nextBlock++;
                }
            }
        }

        private void put(byte[] bytes) throws FlipsideException {
            int n = (int) (nextBlock - levelBlock);
            if (!missing.get(n)) {
                return;
            }
            expect(level, n);
            if (!isExpected(bytes, 0)) {
                throw SlotFailures.mismatch("hash tree level " + level + ", block " + n, null);
            }
            writer.put(nextBlock, bytes, 0);
            goodBlocks++;
        }
    }

    private void expect(int level, long n) throws FlipsideException {
        try {
            reader.treeDigest(level, n, expected);
        } catch (IOException e) {
            throw SlotFailures.unreadable(PARTITION, e);
        } catch (FlipsideException e) {
            throw changed(e);
        }
    }

    private boolean isExpected(byte[] bytes, int offset) {
        digest.digest(bytes, offset, found, 0);
        return Arrays.equals(found, expected);
    }

    /** Puts the digest that image block {@code n} must have into {@code out}. */
    void digest(long n, byte[] out) throws FlipsideException {
        try {
            reader.digest(n, out, 0);
        } catch (IOException e) {
            throw SlotFailures.unreadable(PARTITION, e);
        } catch (FlipsideException e) {
            throw changed(e);
        }
    }

    /** The tree was right when it was written or checked, so the disk has changed it. */
    private static FlipsideException changed(FlipsideException e) {
        return SlotFailures.readBack(
                PARTITION + " of the inactive slot",
                "the hash tree that was written",
                e.failure().what() + " with another digest");
    }

    /** Says that the slot is complete. */
    void writeSuperblock() throws FlipsideException {
        writer.put(0, VeritySuperblock.encode(parameters), 0);
        writer.flush();
    }
}
