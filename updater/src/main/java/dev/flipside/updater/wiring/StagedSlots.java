package dev.flipside.updater.wiring;

import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Stager;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.slot.Progress;
import dev.flipside.updater.slot.StageRequest;
import dev.flipside.updater.slot.StageTally;
import dev.flipside.updater.slot.Staging;
import dev.flipside.updater.slot.StagingLimits;
import java.util.Optional;

/** Writes slots block by block, with what the booted slot has and the source brings. */
record StagedSlots(UpdaterConfig.Limits limits, SourceOnDemand source, Progress progress)
        implements Stager {
    private static final long BLOCK_BYTES = 4096;

    @Override
    public Written write(Candidate.Found release, HostLayout layout, BlockDevice disk)
            throws FlipsideException {
        Slot inactive = layout.inactiveSlot();
        Slot booted = layout.bootedSlot();
        StageTally tally =
                Staging.stage(
                        new StageRequest(
                                release.manifest(),
                                at(disk, inactive.data(), layout),
                                at(disk, inactive.hash(), layout),
                                layout.disk()
                                        .signature(inactive.name())
                                        .map(partition -> at(disk, partition, layout)),
                                Optional.of(
                                        new StageRequest.BootedSlot(
                                                at(disk, booted.data(), layout),
                                                at(disk, booted.hash(), layout))),
                                source.get()),
                        stagingLimits(),
                        progress);
        return new Written(
                tally.fetchedBytes(),
                (tally.blocksInPlace() + tally.blocksReused()) * BLOCK_BYTES,
                tally.writtenBytes());
    }

    private StagingLimits stagingLimits() {
        StagingLimits usual = StagingLimits.usual();
        return new StagingLimits(
                limits.lookupBytes(),
                usual.requestBytes(),
                usual.gapBytes(),
                usual.flushBytes(),
                limits.threads());
    }

    private static BlockDevice at(BlockDevice disk, Partition partition, HostLayout layout) {
        int sectorSizeBytes = layout.sectorSizeBytes();
        return new PartitionDevice(
                disk, partition.offsetBytes(sectorSizeBytes), partition.sizeBytes(sectorSizeBytes));
    }
}
