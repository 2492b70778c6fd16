package dev.flipside.updater.growth;

import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.VarGrowth;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.DiskAccess;
import dev.flipside.updater.host.HostLayout;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Gives the host all of its disk: moves the backup table to the end, has {@code var} reach it, and
 * has the file system fill {@code var}. Nothing else is stopped or unmounted for that.
 *
 * <p>Invariant: one whole table stands on the disk at any moment, and it says that {@code var} is
 * to be filled until it is. So whatever ends a run, the next one does the rest.
 */
public final class DiskGrowth {
    private final DiskAccess disk;
    private final VarDevice var;

    public DiskGrowth(DiskAccess disk, VarDevice var) {
        this.disk = disk;
        this.var = var;
    }

    /**
     * What was done.
     *
     * @param tableWritten whether the table was not yet as the disk is
     * @param varBytes the size of {@code var} now; empty on a disk without it
     * @param filled whether the file system was grown into it by this run
     */
    public record Outcome(boolean tableWritten, Optional<Long> varBytes, boolean filled) {}

    /**
     * Does what is still to be done on the disk of the system that runs.
     *
     * @throws FlipsideException {@code slot-unknown} for any other disk, {@code gpt-malformed},
     *     {@code program-failed}
     */
    public Outcome run(BootedSystem system) throws IOException, FlipsideException {
        // Closing a disk that was open for writing has udev look at all of it again.
        try (BlockDevice device = disk.openForReading()) {
            VarGrowth growth = look(device, system);
            if (growth.tableIsRight() && growth.unfilled().isEmpty()) {
                return outcome(growth, false, false);
            }
        }
        try (BlockDevice device = disk.openForWriting(List.of())) {
            return grow(device, look(device, system));
        }
    }

    private static VarGrowth look(BlockDevice device, BootedSystem system)
            throws IOException, FlipsideException {
        HostLayout.read(device, system);
        return VarGrowth.of(Gpt.read(device), device.sizeBytes() / device.sectorSizeBytes());
    }

    private Outcome grow(BlockDevice device, VarGrowth growth)
            throws IOException, FlipsideException {
        boolean wrong = !growth.tableIsRight();
        if (wrong) {
            write(device, growth);
        }
        Optional<Partition> unfilled = growth.unfilled();
        boolean filled = false;
        if (unfilled.isPresent()) {
            var.resize(unfilled.get());
            filled = var.fill(unfilled.get());
        }
        if (filled) {
            growth.filled().write(device);
        }
        return outcome(growth, wrong, filled);
    }

    private static void write(BlockDevice device, VarGrowth growth) throws IOException {
        growth.found().mendPrimary(device);
        growth.grown().stretchProtectiveMbr(device);
        growth.grown().write(device);
    }

    private static Outcome outcome(VarGrowth growth, boolean tableWritten, boolean filled) {
        int sectorSizeBytes = growth.grown().sectorSizeBytes();
        return new Outcome(
                tableWritten, growth.var().map(it -> it.sizeBytes(sectorSizeBytes)), filled);
    }
}
