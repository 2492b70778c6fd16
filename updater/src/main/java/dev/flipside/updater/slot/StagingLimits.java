package dev.flipside.updater.slot;

import dev.flipside.pack.GapBudget;

/**
 * What staging may use.
 *
 * @param lookupBytes memory for finding blocks in the booted slot, 7.5 bytes for each; for those
 *     that do not fit, the index is gone through once more
 * @param requestBytes the longest part of tree or pack in one request, unless one frame is longer
 * @param gapBytes how much between two needed parts is fetched along, to save a request
 * @param flushBytes how much is written between two flushes
 * @param threads that hash
 */
public record StagingLimits(
        int lookupBytes, int requestBytes, int gapBytes, int flushBytes, int threads) {
    public StagingLimits {
        if (lookupBytes < 0 || requestBytes < 1 || gapBytes < 0 || flushBytes < 1 || threads < 1) {
            throw new IllegalArgumentException("a limit below the lowest that works");
        }
    }

    /** What is fetched along in the ranges of one file. */
    GapBudget newGapBudget() {
        return new GapBudget(requestBytes, gapBytes);
    }

    /** A lookup of a quarter of a GiB of image at a time. */
    public static StagingLimits usual() {
        return new StagingLimits(
                512 << 10,
                GapBudget.USUAL_REQUEST_BYTES,
                GapBudget.USUAL_GAP_BYTES,
                64 << 20,
                Math.min(4, Runtime.getRuntime().availableProcessors()));
    }
}
