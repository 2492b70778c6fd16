package dev.flipside.updater.slot;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.BlockLookup;
import dev.flipside.platform.BlockDevice;
import dev.flipside.updater.slot.StageRequest.BootedSlot;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntToLongFunction;

/**
 * The blocks of the booted slot's image, or of its hash tree, found by the digests that its tree
 * has of them.
 *
 * <p>Invariant: the lookup holds as many of them as its limit lets it, the next ones after {@link
 * #goOn}; so memory does not grow with the image, and each block is found in one of the rounds.
 *
 * <p>Nothing here is trusted or needed: the tree is read unchecked, the caller hashes each block
 * that it gets, and what cannot be read or is not what it should be is fetched instead.
 */
final class BootedBlocks {
    private final IntToLongFunction digestOffset;
    private final BlockLookup lookup;
    private final ReadAhead digests;
    private final ReadAhead known;
    private final ReadAhead blocks;
    private final int end;
    private int next;

    // What the judge compares with; fields, as there is a question for every block.
    private byte[] wanted = new byte[0];
    private int wantedOffset;

    /**
     * @param from where the blocks are, at their numbers
     * @param sizeBytes what is read of it
     * @param digestOffset where in the tree the digest of a block is, by the block's number
     * @param first the number of the first block that is looked for
     * @param end the number behind the last
     */
    private BootedBlocks(
            BlockDevice tree,
            VerityParameters parameters,
            BlockDevice from,
            long sizeBytes,
            IntToLongFunction digestOffset,
            int first,
            int end,
            int lookupBytes) {
        long treeBytes = parameters.geometry().fileSizeBytes();
        this.digestOffset = digestOffset;
        this.lookup = new BlockLookup(end - first, lookupBytes);
        this.digests = new ReadAhead(tree, treeBytes);
        this.known = new ReadAhead(tree, treeBytes);
        this.blocks = new ReadAhead(from, sizeBytes);
        this.next = first;
        this.end = end;
        fillLookup();
    }

    /**
     * Reads which blocks the image has; empty when the slot has no hash tree with the salt of the
     * new one, as then no block is known by the same digest.
     */
    static Optional<BootedBlocks> ofImage(BootedSlot slot, String salt, int lookupBytes) {
        return usable(slot, salt).map(found -> ofImage(slot, found, lookupBytes));
    }

    private static BootedBlocks ofImage(BootedSlot slot, VerityParameters found, int lookupBytes) {
        long leavesBytes = found.geometry().levelOffsetBytes(0);
        return new BootedBlocks(
                slot.tree(),
                found,
                slot.data(),
                found.dataBlocks() * BLOCK_SIZE_BYTES,
                block -> leavesBytes + (long) block * DIGEST_SIZE_BYTES,
                0,
                (int) found.dataBlocks(),
                lookupBytes);
    }

    /**
     * Reads which blocks the hash tree has, but for the one at the top, which is never that of
     * another release; empty as {@link #ofImage} is.
     */
    static Optional<BootedBlocks> ofTree(BootedSlot slot, String salt, int lookupBytes) {
        return usable(slot, salt).map(found -> ofTree(slot, found, lookupBytes));
    }

    private static BootedBlocks ofTree(BootedSlot slot, VerityParameters found, int lookupBytes) {
        TreeGeometry geometry = found.geometry();
        return new BootedBlocks(
                slot.tree(),
                found,
                slot.tree(),
                geometry.fileSizeBytes(),
                geometry::digestOffsetBytes,
                TreeGeometry.TOP_BLOCK + 1,
                (int) (geometry.fileSizeBytes() / BLOCK_SIZE_BYTES),
                lookupBytes);
    }

    private static Optional<VerityParameters> usable(BootedSlot slot, String salt) {
        return parameters(slot).filter(found -> found.salt().equals(salt) && fits(found, slot));
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

    /**
     * Looks among the next blocks from now on, and no more among those before.
     *
     * @return false when there are none
     */
    boolean goOn() {
        int before = next;
        if (next < end) {
            lookup.clear();
            fillLookup();
        }
        return next > before;
    }

    private void fillLookup() {
        for (; next < end && !lookup.isFull(); next++) {
            wantedOffset = digests.at(digestOffset.applyAsLong(next));
            if (wantedOffset >= 0) {
                wanted = digests.bytes();
                lookup.add(wanted, wantedOffset, next, this::isWanted);
            }
        }
    }

    private boolean isWanted(int block) {
        int at = known.at(digestOffset.applyAsLong(block));
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
        return block < 0 ? -1 : blocks.at((long) block * BLOCK_SIZE_BYTES);
    }

    byte[] bytes() {
        return blocks.bytes();
    }
}
