package dev.flipside.builder.diff;

/**
 * What a host fetches of a release, apart from the repository's metadata and HTTP's headers.
 *
 * @param treeBytes the blocks of the hash tree that the host lacks, and the gaps between them
 * @param indexBytes the index of the block pack
 * @param neededBytes the frames of the block pack with blocks that the host lacks
 * @param gapBytes other frames that stand between those and save a request
 * @param ukiBytes what the UKI has that the image does not hold
 * @param requests the number of answers that bring all this
 * @param blocks of the image
 * @param blocksInPlace have content, and stand where the same content stood before: so many of
 *     those reused did not move, and a host whose other slot has the release before leaves them
 * @param blocksZero stand in the empty slot already, as they are zeros
 * @param blocksReused are copied from the booted slot
 * @param blocksFetched come from the pack
 * @param fullBytes what a host without any block would fetch
 */
public record FetchCost(
        long treeBytes,
        long indexBytes,
        long neededBytes,
        long gapBytes,
        long ukiBytes,
        int requests,
        long blocks,
        long blocksInPlace,
        long blocksZero,
        long blocksReused,
        long blocksFetched,
        long fullBytes) {

    /** All that is fetched. */
    public long totalBytes() {
        return treeBytes + indexBytes + neededBytes + gapBytes + ukiBytes;
    }
}
