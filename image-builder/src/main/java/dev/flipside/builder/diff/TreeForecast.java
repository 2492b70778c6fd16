package dev.flipside.builder.diff;

import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.GapBudget;
import dev.flipside.pack.TreeRanges;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.TreeGeometry;
import java.io.IOException;
import java.util.BitSet;
import java.util.Optional;

/**
 * Which blocks of the new hash tree a host fetches, level by level as the host goes.
 *
 * @param bytes of blocks, and of gaps between them
 * @param requests that bring them
 */
record TreeForecast(long bytes, int requests) {
    /**
     * @param held of the hash tree of the booted slot, if it has the same salt
     */
    static TreeForecast of(HashTreeReader tree, TreeGeometry geometry, Optional<HeldBlocks> held)
            throws IOException, FlipsideException {
        GapBudget budget = new GapBudget(GapBudget.USUAL_REQUEST_BYTES, GapBudget.USUAL_GAP_BYTES);
        long bytes = 0;
        int requests = 0;
        for (int level = geometry.levels() - 1; level >= 0; level--) {
            TreeRanges ranges =
                    new TreeRanges(
                            missing(tree, level, geometry.blocksOnLevel(level), held),
                            geometry.levelOffsetBytes(level),
                            budget);
            for (Optional<TreeRanges.Range> next = ranges.next();
                    next.isPresent();
                    next = ranges.next()) {
                bytes += next.get().lengthBytes();
                requests++;
            }
        }
        return new TreeForecast(bytes, requests);
    }

    private static BitSet missing(
            HashTreeReader tree, int level, long blocks, Optional<HeldBlocks> held)
            throws IOException, FlipsideException {
        byte[] digest = new byte[DIGEST_SIZE_BYTES];
        BitSet missing = new BitSet();
        for (int n = 0; n < blocks; n++) {
            tree.treeDigest(level, n, digest);
            if (held.isEmpty() || !held.get().has(digest)) {
                missing.set(n);
            }
        }
        return missing;
    }
}
