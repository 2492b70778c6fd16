package dev.flipside.boot.gpt;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a disk lacks until its host can use all of it: the backup table in the last sector, {@code
 * var} up to the end, a file system that fills {@code var}. Pure.
 *
 * @param found what the disk says now
 * @param grown what it should say until {@code var} is filled
 * @param var in {@code grown}, if the disk has one
 */
public record VarGrowth(GptOnDisk found, Gpt grown, Optional<Partition> var) {
    /** Partitions end at multiples of this. */
    private static final long ALIGNMENT_BYTES = 1 << 20;

    /** Asks a table; {@code deviceSectors} is the length that its disk has now. */
    public static VarGrowth of(GptOnDisk found, long deviceSectors) {
        Gpt moved = found.gpt().onDiskOf(deviceSectors);
        Optional<Partition> var =
                moved.partitions().stream()
                        .filter(DiskLayout::isVar)
                        .min(Comparator.comparingLong(Partition::firstLba))
                        .map(partition -> grown(partition, moved));
        return new VarGrowth(found, var.map(it -> moved.replacing(List.of(it))).orElse(moved), var);
    }

    /** Whether both copies of the table stand where they belong, and say what they should. */
    public boolean tableIsRight() {
        return found.copiesAgree() && found.backupAtEnd() && found.gpt().equals(grown);
    }

    /** {@code var}, if its file system does not fill it yet. */
    public Optional<Partition> unfilled() {
        return var.filter(it -> it.noAuto() || it.growsFileSystem());
    }

    /** The table that says that {@code var} is filled. */
    public Gpt filled() {
        return grown.replacing(var.stream().map(Partition::filled).toList());
    }

    private static Partition grown(Partition partition, Gpt gpt) {
        boolean isLast =
                gpt.partitions().stream().allMatch(it -> it.lastLba() <= partition.lastLba());
        long alignment = ALIGNMENT_BYTES / gpt.sectorSizeBytes();
        long last = (gpt.lastUsableLba() + 1) / alignment * alignment - 1;
        return isLast && last > partition.lastLba() ? partition.upTo(last).toBeFilled() : partition;
    }
}
