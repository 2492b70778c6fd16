package dev.flipside.builder.diff;

import java.util.List;

/**
 * One part of what is fetched.
 *
 * @param code its key in JSON
 * @param label its name for people
 */
public record CostShare(String code, String label, long bytes) {
    /** All parts; they add up to {@link FetchCost#totalBytes}. */
    public static List<CostShare> of(ReleaseDiff diff) {
        FetchCost cost = diff.cost();
        return List.of(
                new CostShare("fileBytes", "contents of files", diff.fileBytes()),
                new CostShare("metadataBytes", "inodes and directories", diff.metadataBytes()),
                new CostShare("gapBytes", "gaps that save a request", cost.gapBytes()),
                new CostShare("treeBytes", "hash tree", cost.treeBytes()),
                new CostShare("indexBytes", "index of the pack", cost.indexBytes()),
                new CostShare("ukiBytes", "UKI, without kernel and initrd", cost.ukiBytes()));
    }
}
