package dev.flipside.updater.slot;

import dev.flipside.platform.BlockDevice;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.updater.source.Source;
import java.util.Optional;

/**
 * What to stage, and where.
 *
 * @param manifest of a release that trust and policy have let through
 * @param data the data partition of the inactive slot, of which no boot entry is left
 * @param tree its hash partition
 * @param signature its signature partition, on disks that have one
 * @param booted the slot that runs, to take blocks from; only read
 * @param source where the blobs of the release are
 */
public record StageRequest(
        ReleaseManifest manifest,
        BlockDevice data,
        BlockDevice tree,
        Optional<BlockDevice> signature,
        Optional<BootedSlot> booted,
        Source source) {

    /** The two partitions of the slot that runs. */
    public record BootedSlot(BlockDevice data, BlockDevice tree) {}
}
