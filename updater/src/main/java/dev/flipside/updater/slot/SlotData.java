package dev.flipside.updater.slot;

import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.BlockMap;
import dev.flipside.pack.PackFrame;
import dev.flipside.verity.BlockDigest;
import java.util.Arrays;

/**
 * The data partition of the inactive slot while it is filled.
 *
 * <p>Invariant: a block is written to a place only after its digest was found equal to what the
 * hash tree says of that place.
 */
final class SlotData {
    static final String PARTITION = "data partition";

    private final StagedTree tree;
    private final BlockMap map;
    private final SlotWriter writer;
    private final BlockDigest digest;
    private final byte[] found = new byte[DIGEST_SIZE_BYTES];
    private final byte[] expected = new byte[DIGEST_SIZE_BYTES];

    SlotData(StagedTree tree, BlockMap map, SlotWriter writer, byte[] salt) {
        this.tree = tree;
        this.map = map;
        this.writer = writer;
        this.digest = new BlockDigest(salt);
    }

    BlockMap map() {
        return map;
    }

    /** Whether these bytes are what a place should hold. */
    boolean isFor(int place, byte[] bytes, int offset) throws FlipsideException {
        digest.digest(bytes, offset, found, 0);
        return foundIsFor(place);
    }

    private boolean foundIsFor(int place) throws FlipsideException {
        tree.digest(place, expected);
        return Arrays.equals(found, expected);
    }

    /**
     * Writes a block to all of its places that are not right yet.
     *
     * @return how many these were
     * @throws FlipsideException {@code block-mismatch} when it does not belong in one of them;
     *     nothing was written there
     */
    int put(PackFrame frame, int block, byte[] bytes, int offset) throws FlipsideException {
        digest.digest(bytes, offset, found, 0);
        int written = 0;
        for (int i = 0; i < frame.placesOf(block); i++) {
            int place = frame.place(block, i);
            if (map.isRight(place)) {
                continue;
            }
            if (!foundIsFor(place)) {
                throw SlotFailures.mismatch("image block " + place, null);
            }
            writer.put(place, bytes, offset);
            map.markRight(place);
            written++;
        }
        return written;
    }
}
