package dev.flipside.updater.slot;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGESTS_PER_BLOCK;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.BlockLookup;
import dev.flipside.updater.slot.StageRequest.BootedSlot;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The blocks of the booted slot, found by what its own hash tree says of them.
 *
 * <p>Nothing here is trusted or needed: the tree is read unchecked, the caller hashes each block
 * that it gets, and what cannot be read or is not what it should be is fetched instead.
 */
final class BootedBlocks {
    private final VerityParameters parameters;
    private final long leavesBytes;
    private final BlockLookup lookup;
    private final ReadAhead known;
    private final ReadAhead data;

    // What the judge compares with; fields, as there is a question for every block.
    private byte[] wanted = new byte[0];
    private int wantedOffset;

    private BootedBlocks(BootedSlot slot, VerityParameters parameters, int lookupBytes) {
        this.parameters = parameters;
        this.leavesBytes = parameters.geometry().levelOffsetBytes(0);
        this.lookup = new BlockLookup(parameters.dataBlocks(), lookupBytes);
        this.known = new ReadAhead(slot.tree(), parameters.geometry().fileSizeBytes());
        this.data = new ReadAhead(slot.data(), parameters.dataBlocks() * BLOCK_SIZE_BYTES);
    }

    /**
     * Reads which blocks there are; empty when the slot has no hash tree with the salt of the new
     * one, as then no block is known by the same digest.
     */
    static Optional<BootedBlocks> read(BootedSlot slot, String salt, int lookupBytes) {
        Optional<VerityParameters> parameters =
                parameters(slot).filter(found -> found.salt().equals(salt) && fits(found, slot));
        return parameters.map(
                found -> {
                    BootedBlocks blocks = new BootedBlocks(slot, found, lookupBytes);
                    blocks.fillLookup(new ReadAhead(slot.tree(), slot.tree().sizeBytes()));
                    return blocks;
                });
    }

    private static Optional<VerityParameters> parameters(BootedSlot slot) {
        try {
            byte[] block = new byte[BLOCK_SIZE_BYTES];
            slot.tree().read(ByteBuffer.wrap(block), 0);
            return Optional.of(VeritySuperblock.decode(block));
        } catch (IOException | FlipsideException e) {
            return Optional.empty();
        }
    }

    private static boolean fits(VerityParameters found, BootedSlot slot) {
        return found.dataBlocks() > 1
                && found.dataBlocks() < Integer.MAX_VALUE
                && found.dataBlocks() * BLOCK_SIZE_BYTES <= slot.data().sizeBytes()
                && found.geometry().fileSizeBytes() <= slot.tree().sizeBytes();
    }

    private void fillLookup(ReadAhead leaves) {
        int blocks = (int) parameters.dataBlocks();
        for (int first = 0; first < blocks; first += DIGESTS_PER_BLOCK) {
            int at = leaves.at(digestOffset(first));
            int count = at < 0 ? 0 : Math.min(DIGESTS_PER_BLOCK, blocks - first);
            for (int i = 0; i < count; i++) {
                wanted = leaves.bytes();
                wantedOffset = at + i * DIGEST_SIZE_BYTES;
                lookup.add(wanted, wantedOffset, first + i, this::isWanted);
            }
        }
    }

    private long digestOffset(int block) {
        return leavesBytes + (long) block * DIGEST_SIZE_BYTES;
    }

    private boolean isWanted(int block) {
        int at = known.at(digestOffset(block));
        return at >= 0
                && Arrays.equals(
                        known.bytes(),
                        at,
                        at + DIGEST_SIZE_BYTES,
                        wanted,
                        wantedOffset,
                        wantedOffset + DIGEST_SIZE_BYTES);
    }

    /**
     * Looks for a block by its digest.
     *
     * @return where in {@link #bytes} it should be, to be hashed by the caller, or -1
     */
    int find(byte[] digest) {
        wanted = digest;
        wantedOffset = 0;
        int block = lookup.find(digest, this::isWanted);
        return block < 0 ? -1 : data.at((long) block * BLOCK_SIZE_BYTES);
    }

    byte[] bytes() {
        return data.bytes();
    }
}
