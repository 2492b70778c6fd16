package dev.flipside.updater.slot;

/**
 * Where the blocks of a staged image came from, and what that cost.
 *
 * @param blocksInPlace stood in the inactive slot already
 * @param blocksReused were read from the booted slot
 * @param blocksFetched came from the source
 * @param fetchedBytes that the source brought: hash tree, index and frames
 * @param writtenBytes to both partitions
 */
public record StageTally(
        long blocksInPlace,
        long blocksReused,
        long blocksFetched,
        long fetchedBytes,
        long writtenBytes) {}
