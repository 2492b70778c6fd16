package dev.flipside.updater.host;

import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * The slots of the disk, and which of them runs: the one that has the partitions which the mounted
 * root stands on.
 *
 * @param backupTableAtEnd whether the second partition table is in the last sector
 */
public record HostLayout(DiskLayout disk, SlotName booted, boolean backupTableAtEnd) {

    /**
     * Reads it from the disk.
     *
     * @throws FlipsideException {@code slot-unknown} or {@code gpt-malformed}
     */
    public static HostLayout read(BlockDevice device, BootedSystem system)
            throws IOException, FlipsideException {
        GptOnDisk table = Gpt.read(device);
        DiskLayout layout = DiskLayout.find(table.gpt());
        return new HostLayout(layout, booted(layout, system), table.backupAtEnd());
    }

    public Slot bootedSlot() {
        return disk.slot(booted);
    }

    public Slot inactiveSlot() {
        return disk.slot(booted.other());
    }

    public int sectorSizeBytes() {
        return disk.gpt().sectorSizeBytes();
    }

    /** The root hash that a slot's partitions claim: both UUIDs, in lowercase hex. */
    public static String rootHash(Slot slot) {
        return hex(slot.data().uuid()) + hex(slot.hash().uuid());
    }

    private static String hex(UUID uuid) {
        HexFormat format = HexFormat.of();
        return format.toHexDigits(uuid.getMostSignificantBits())
                + format.toHexDigits(uuid.getLeastSignificantBits());
    }

    private static SlotName booted(DiskLayout layout, BootedSystem system)
            throws FlipsideException {
        boolean a = holds(layout, layout.slotA(), system);
        boolean b = holds(layout, layout.slotB(), system);
        if (a == b) {
            throw new FlipsideException(
                    FailureCode.SLOT_UNKNOWN,
                    "the booted slot",
                    "the mounted root on the partitions of one slot",
                    "partitions at %s"
                            .formatted(
                                    system.partitions().stream()
                                            .map(BootedSystem.PartitionExtent::startBytes)
                                            .toList()),
                    "check '[host] disk' and '[host] system-root'");
        }
        return a ? SlotName.A : SlotName.B;
    }

    /**
     * Every partition under the root is one of the slot's, and its data partition is among them.
     */
    private static boolean holds(DiskLayout layout, Slot slot, BootedSystem system) {
        int sectorSizeBytes = layout.gpt().sectorSizeBytes();
        List<BootedSystem.PartitionExtent> under = system.partitions();
        return under.stream().anyMatch(extent -> isAt(slot.data(), extent, sectorSizeBytes))
                && under.stream()
                        .allMatch(
                                extent ->
                                        isAt(slot.data(), extent, sectorSizeBytes)
                                                || isAt(slot.hash(), extent, sectorSizeBytes));
    }

    private static boolean isAt(
            Partition partition, BootedSystem.PartitionExtent extent, int sectorSizeBytes) {
        return partition.offsetBytes(sectorSizeBytes) == extent.startBytes()
                && partition.sizeBytes(sectorSizeBytes) == extent.sizeBytes();
    }
}
