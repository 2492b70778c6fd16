package dev.flipside.updater.slot;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/**
 * Reads a slot from its medium, past the page cache, and requires that data, tree and superblock
 * are those of a root hash.
 */
final class ReadBack {
    private static final int BLOCK_BYTES = VerityParameters.BLOCK_SIZE_BYTES;

    private final BlockDevice tree;
    private byte[] onDisk = new byte[0];
    private long differentAt = -1;

    private ReadBack(BlockDevice tree) {
        this.tree = tree;
    }

    /**
     * Reads all of both partitions.
     *
     * @throws FlipsideException {@code slot-readback-failed} or {@code disk-unreadable}
     */
    static void verify(
            BlockDevice data,
            BlockDevice tree,
            VerityParameters parameters,
            byte[] rootHash,
            int threads,
            LongConsumer progress)
            throws FlipsideException {
        try {
            new ReadBack(tree).verify(data, parameters, rootHash, threads, progress);
        } catch (IOException e) {
            throw SlotFailures.unreadable("data or hash partition", e);
        }
    }

    private void verify(
            BlockDevice data,
            VerityParameters parameters,
            byte[] rootHash,
            int threads,
            LongConsumer progress)
            throws IOException, FlipsideException {
        byte[] found =
                HashTree.build(
                        DeviceBytes.pastCache(data), parameters, threads, this::compare, progress);
        if (!Arrays.equals(found, rootHash)) {
            throw SlotFailures.readBack(
                    SlotData.PARTITION + " of the inactive slot",
                    "root hash " + HexFormat.of().formatHex(rootHash),
                    HexFormat.of().formatHex(found));
        }
        compare(ByteBuffer.wrap(VeritySuperblock.encode(parameters)), 0);
        if (differentAt >= 0) {
            throw SlotFailures.readBack(
                    StagedTree.PARTITION + " of the inactive slot",
                    "superblock and hash tree of the data",
                    "others from byte " + differentAt);
        }
    }

    private void compare(ByteBuffer expected, long offsetBytes) throws IOException {
        int lengthBytes = expected.remaining();
        if (onDisk.length < lengthBytes) {
            onDisk = new byte[lengthBytes + BLOCK_BYTES];
        }
        ByteBuffer buffer = ByteBuffer.wrap(onDisk, 0, lengthBytes);
        tree.readPastCache(buffer, offsetBytes);
        int mismatch = buffer.flip().mismatch(expected);
        if (mismatch >= 0 && (differentAt < 0 || offsetBytes + mismatch < differentAt)) {
            differentAt = offsetBytes + mismatch;
        }
    }
}
