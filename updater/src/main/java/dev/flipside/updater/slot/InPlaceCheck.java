package dev.flipside.updater.slot;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.pack.BlockMap;
import dev.flipside.platform.BlockDevice;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.LongConsumer;

/**
 * Finds the blocks that stand right in the inactive slot already, by hashing all of it against the
 * new tree: what a cut had left there, and what the release before has in the same place.
 *
 * <p>A block that cannot be read counts as one that is not right.
 */
final class InPlaceCheck {
    private final BlockDevice data;
    private final BlockDevice tree;
    private final VerityParameters parameters;
    private final BlockMap map;
    private final BitSet unreadable = new BitSet();
    private byte[] expected = new byte[0];

    private InPlaceCheck(
            BlockDevice data, BlockDevice tree, VerityParameters parameters, BlockMap map) {
        this.data = data;
        this.tree = tree;
        this.parameters = parameters;
        this.map = map;
    }

    /** Marks what is right. The hash partition of the request has the new tree already. */
    static void mark(
            StageRequest request,
            VerityParameters parameters,
            BlockMap map,
            int threads,
            LongConsumer progress)
            throws FlipsideException {
        new InPlaceCheck(request.data(), request.tree(), parameters, map)
                .mark(request.manifest().verity().rootHashBytes(), threads, progress);
    }

    private void mark(byte[] rootHash, int threads, LongConsumer progress)
            throws FlipsideException {
        try {
            byte[] found =
                    HashTree.build(new DataOrZeros(), parameters, threads, this::compare, progress);
            if (parameters.dataBlocks() == 1 && Arrays.equals(found, rootHash)) {
                markUnlessUnreadable(0);
            }
        } catch (IOException e) {
            // Data that cannot be read is dealt with below, so this is the tree.
            throw SlotFailures.unreadable(StagedTree.PARTITION, e);
        }
    }

    private void compare(ByteBuffer blocks, long offsetBytes) throws IOException {
        long leaves = parameters.geometry().levelOffsetBytes(0);
        if (offsetBytes < leaves) {
            return;
        }
        int start = blocks.position();
        int lengthBytes = blocks.remaining();
        if (expected.length < lengthBytes) {
            expected = new byte[lengthBytes];
        }
        tree.read(ByteBuffer.wrap(expected, 0, lengthBytes), offsetBytes);
        long first = (offsetBytes - leaves) / DIGEST_SIZE_BYTES;
        long count = Math.min(lengthBytes / DIGEST_SIZE_BYTES, parameters.dataBlocks() - first);
        for (int i = 0; i < count; i++) {
            int at = i * DIGEST_SIZE_BYTES;
            boolean right = true;
            for (int b = 0; b < DIGEST_SIZE_BYTES && right; b++) {
                right = expected[at + b] == blocks.get(start + at + b);
            }
            if (right) {
                markUnlessUnreadable((int) first + i);
            }
        }
    }

    private void markUnlessUnreadable(int block) {
        synchronized (unreadable) {
            if (!unreadable.get(block)) {
                map.markRight(block);
            }
        }
    }

    /** The data, with zeros in place of what cannot be read. */
    private final class DataOrZeros implements RandomAccess {
        @Override
        public long sizeBytes() {
            return data.sizeBytes();
        }

        @Override
        public void read(ByteBuffer destination, long offsetBytes) {
            int start = destination.position();
            int lengthBytes = destination.remaining();
            try {
                data.read(destination, offsetBytes);
            } catch (IOException e) {
                for (int at = 0; at < lengthBytes; at += BLOCK_SIZE_BYTES) {
                    readOne(destination.slice(start + at, BLOCK_SIZE_BYTES), offsetBytes + at);
                }
                destination.position(start + lengthBytes);
            }
        }

        private void readOne(ByteBuffer block, long offsetBytes) {
            try {
                data.read(block, offsetBytes);
            } catch (IOException e) {
                synchronized (unreadable) {
                    unreadable.set((int) (offsetBytes / BLOCK_SIZE_BYTES));
                }
            }
        }
    }
}
