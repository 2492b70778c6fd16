package dev.flipside.updater.host;

import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** Reads a whole slot past the page cache, and checks every block against its root hash. */
public final class SlotCheck {
    private static final int BLOCK_BYTES = VerityParameters.BLOCK_SIZE_BYTES;
    private static final int CHUNK_BLOCKS = 256;

    private SlotCheck() {}

    /**
     * Checks a slot.
     *
     * @param progress is told of each run of blocks that was right
     * @return the number of blocks
     * @throws FlipsideException {@code verity-malformed}, or {@code block-mismatch} with the first
     *     block that is wrong
     */
    public static long check(
            BlockDevice disk, Slot slot, int sectorSizeBytes, LongConsumer progress)
            throws IOException, FlipsideException {
        BlockDevice data =
                new PartitionDevice(
                        disk,
                        slot.data().offsetBytes(sectorSizeBytes),
                        slot.data().sizeBytes(sectorSizeBytes));
        BlockDevice hash =
                new PartitionDevice(
                        disk,
                        slot.hash().offsetBytes(sectorSizeBytes),
                        slot.hash().sizeBytes(sectorSizeBytes));
        ByteBuffer superblock = ByteBuffer.allocate(BLOCK_BYTES);
        hash.readPastCache(superblock, 0);
        VerityParameters parameters = VeritySuperblock.decode(superblock.array());
        HashTreeReader tree =
                new HashTreeReader(
                        new UncachedReads(hash),
                        parameters,
                        HexFormat.of().parseHex(HostLayout.rootHash(slot)));
        byte[] chunk = new byte[CHUNK_BLOCKS * BLOCK_BYTES];
        for (long block = 0; block < parameters.dataBlocks(); block += CHUNK_BLOCKS) {
            int blocks = (int) Math.min(CHUNK_BLOCKS, parameters.dataBlocks() - block);
            data.readPastCache(
                    ByteBuffer.wrap(chunk, 0, blocks * BLOCK_BYTES), block * BLOCK_BYTES);
            for (int i = 0; i < blocks; i++) {
                tree.verify(block + i, chunk, i * BLOCK_BYTES);
            }
            progress.accept(blocks);
        }
        return parameters.dataBlocks();
    }

    private record UncachedReads(BlockDevice device) implements RandomAccess {
        @Override
        public long sizeBytes() {
            return device.sizeBytes();
        }

        @Override
        public void read(ByteBuffer destination, long offsetBytes) throws IOException {
            device.readPastCache(destination, offsetBytes);
        }
    }
}
