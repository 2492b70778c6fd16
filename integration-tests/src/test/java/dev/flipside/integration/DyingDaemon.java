package dev.flipside.integration;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFolder;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.daemon.Flipsided;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.HostDisk;
import dev.flipside.updater.slot.Progress;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * The daemon, but for one thing: before the write to its state folder whose number it is given, it
 * kills itself with signal 9.
 */
public final class DyingDaemon {
    private DyingDaemon() {}

    public static void main(String[] arguments) {
        long last = Long.parseLong(arguments[0]);
        System.exit(
                Flipsided.run(
                        (file, clock, progress) -> open(file, clock, progress, last),
                        List.of("--config", arguments[1])));
    }

    private static HostRuntime open(Path file, InstantSource clock, Progress progress, long writes)
            throws FlipsideException {
        UpdaterConfig config = ConfigFile.load(file);
        UpdaterConfig.Host host = config.host();
        try {
            return HostRuntime.on(
                    new HostRuntime.Devices(
                            new HostDisk(host.disk().orElseThrow()),
                            DiskFolder.open(host.esp().orElseThrow()),
                            new DyingFolder(DiskFolder.create(host.state()), writes),
                            DiskFolder.create(host.state().resolve("trust")),
                            () -> BootedSystem.read(host.systemRoot()),
                            () -> false),
                    config,
                    clock,
                    progress);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
