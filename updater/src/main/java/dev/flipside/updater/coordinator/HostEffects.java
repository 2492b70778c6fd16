package dev.flipside.updater.coordinator;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.secureboot.FirmwareTrust;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import dev.flipside.updater.boot.BootControl;
import dev.flipside.updater.boot.EspView;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.CrashTraces;
import dev.flipside.updater.host.DiskAccess;
import dev.flipside.updater.host.HostLayout;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * All through which the coordinator touches a host.
 *
 * @param state the folder with the host's state
 */
public record HostEffects(
        DiskAccess disk,
        DurableFolder esp,
        DurableFolder state,
        BootReport booted,
        Repository repository,
        Stager slots,
        Power power) {
    public HostEffects {
        Objects.requireNonNull(disk);
        Objects.requireNonNull(esp);
        Objects.requireNonNull(state);
        Objects.requireNonNull(booted);
        Objects.requireNonNull(repository);
        Objects.requireNonNull(slots);
        Objects.requireNonNull(power);
    }

    /** What kernel and loader say about the running system. */
    @FunctionalInterface
    public interface BootReport {
        BootedSystem read() throws FlipsideException;

        /** What boots since some time have left that ended in a crash; nothing on most machines. */
        default CrashTraces crashes(Instant since) {
            return CrashTraces.none();
        }

        /** Which images the firmware starts; any, on most simulated ones. */
        default FirmwareTrust firmware() throws FlipsideException {
            return FirmwareTrust.ofAnything();
        }
    }

    BootControl boot() {
        return new BootControl(esp);
    }

    /** Looks at everything anew. */
    Observation observe() throws IOException, FlipsideException {
        BootedSystem system = booted.read();
        HostLayout layout = HostFaults.onDisk("the disk's partitions", () -> layout(system));
        EspView view = HostFaults.onEsp("the ESP", () -> boot().view(layout));
        return new Observation(
                system,
                layout,
                view,
                boot().room(view, layout.booted(), system.sequence(), state.usableBytes()));
    }

    /** What the files of the boot entries are called. */
    List<String> entryNames() throws FlipsideException {
        return HostFaults.onEsp("the boot entries", () -> esp.list(EspLayout.ENTRIES));
    }

    private HostLayout layout(BootedSystem system) throws IOException, FlipsideException {
        try (BlockDevice device = disk.openForReading()) {
            return HostLayout.read(device, system);
        }
    }
}
