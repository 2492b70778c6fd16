package dev.flipside.updater.wiring;

import dev.flipside.boot.secureboot.FirmwareTrust;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFolder;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.FolderLock;
import dev.flipside.updater.boot.BootControl;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.coordinator.HostEffects;
import dev.flipside.updater.coordinator.Power;
import dev.flipside.updater.health.FolderRoot;
import dev.flipside.updater.health.HostSurroundings;
import dev.flipside.updater.health.Surroundings;
import dev.flipside.updater.health.Trial;
import dev.flipside.updater.health.TrialRecords;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.CrashTraces;
import dev.flipside.updater.host.DiskAccess;
import dev.flipside.updater.host.HostDisk;
import dev.flipside.updater.host.SecureBootVariables;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.slot.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The updater of one host, put together by hand from its configuration. */
public final class HostRuntime implements AutoCloseable {
    private static final List<String> ESP_MOUNT_POINTS = List.of("efi", "boot", "boot/efi");

    private static final String TIMESTAMP = "metadata/timestamp.json";
    private static final int MAX_TIMESTAMP_BYTES = 1 << 20;

    private final UpdaterConfig config;
    private final HostEffects effects;
    private final SourceOnDemand source;
    private final InstantSource clock;

    private HostRuntime(
            UpdaterConfig config, HostEffects effects, SourceOnDemand source, InstantSource clock) {
        this.config = config;
        this.effects = effects;
        this.source = source;
        this.clock = clock;
    }

    /**
     * What a host is made of: its own devices, or some that fail as a test wants.
     *
     * @param trust the folder with the metadata that the host trusts
     */
    public record Devices(
            DiskAccess disk,
            DurableFolder esp,
            DurableFolder state,
            DurableFolder trust,
            HostEffects.BootReport booted,
            Power power) {}

    /** Kernel and loader, under a folder that stands for {@code /}. */
    private record BootReport(Path systemRoot) implements HostEffects.BootReport {
        @Override
        public BootedSystem read() throws FlipsideException {
            return BootedSystem.read(systemRoot);
        }

        @Override
        public CrashTraces crashes(Instant since) {
            return CrashTraces.read(systemRoot, since);
        }

        @Override
        public FirmwareTrust firmware() throws FlipsideException {
            return SecureBootVariables.read(systemRoot);
        }
    }

    /** Opens what the host needs; the source not before it is asked. */
    public static HostRuntime open(UpdaterConfig config, InstantSource clock, Progress progress)
            throws FlipsideException {
        UpdaterConfig.Host host = config.host();
        RebootSentinel sentinel = new RebootSentinel(config.policy().sentinel());
        try {
            Devices devices =
                    new Devices(
                            new HostDisk(disk(host)),
                            DiskFolder.open(esp(host)),
                            DiskFolder.create(host.state()),
                            DiskFolder.create(host.state().resolve("trust")),
                            new BootReport(host.systemRoot()),
                            host.fileBacked()
                                    ? new SomebodyElsesPower(sentinel)
                                    : new SystemPower(sentinel));
            return on(devices, config, clock, progress);
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.CONFIG_INVALID,
                            config.file().toString(),
                            "folders for [host] esp and state that can be opened",
                            e.toString(),
                            "mend the file, or mount what is missing"),
                    e);
        }
    }

    /** The updater on devices that are open already. */
    public static HostRuntime on(
            Devices devices, UpdaterConfig config, InstantSource clock, Progress progress) {
        SourceOnDemand source = sourceOf(config);
        return new HostRuntime(
                config,
                new HostEffects(
                        devices.disk(),
                        devices.esp(),
                        devices.state(),
                        devices.booted(),
                        new TrustedReleases(config, source, devices.trust(), clock),
                        new StagedSlots(config.limits(), source, progress),
                        devices.power()),
                source,
                clock);
    }

    private static SourceOnDemand sourceOf(UpdaterConfig config) {
        return new SourceOnDemand(config.source(), System.getenv());
    }

    /** The updater with effects that are there already: a repository of its own, among others. */
    public static HostRuntime with(HostEffects effects, UpdaterConfig config, InstantSource clock) {
        return new HostRuntime(config, effects, sourceOf(config), clock);
    }

    /** The one coordinator of the host; see {@link #lock}. */
    public Coordinator coordinator() {
        return coordinator(entry -> {});
    }

    /** As {@link #coordinator()}, with somebody who is told of all that goes into the history. */
    public Coordinator coordinator(Journal.Listener listener) {
        return new Coordinator(config, effects, clock, listener);
    }

    public UpdaterConfig config() {
        return config;
    }

    /** The judge of a counted boot. */
    public Trial trial() {
        return new Trial(new TrialRecords(effects.state()), new BootControl(effects.esp()), clock);
    }

    /** What health checks look at. */
    public Surroundings surroundings() {
        return new HostSurroundings(
                new FolderRoot(config.host().systemRoot()),
                ExternalPrograms.ofThisMachine(),
                () -> requireTimestamp(source.get().fetch(TIMESTAMP, MAX_TIMESTAMP_BYTES)),
                () -> StagingReadiness.check(coordinator().status().observation(), config.host()));
    }

    private static void requireTimestamp(Optional<byte[]> timestamp) throws IOException {
        if (timestamp.isEmpty()) {
            throw new IOException("the repository has no " + TIMESTAMP);
        }
    }

    public HostEffects effects() {
        return effects;
    }

    /**
     * Keeps all other updaters from the host until it is closed.
     *
     * @throws FlipsideException {@code updater-busy} when another one is at work
     */
    public FolderLock lock() throws FlipsideException {
        try {
            Optional<FolderLock> lock = FolderLock.tryLock(config.host().state());
            if (lock.isPresent()) {
                sweep(lock.get());
            }
            return lock.orElseThrow(
                    () ->
                            busy(
                                    FailureCode.UPDATER_BUSY,
                                    "another one at work",
                                    "wait until it has ended",
                                    null));
        } catch (IOException e) {
            throw busy(FailureCode.IO_FAILED, e.toString(), "check the state folder", e);
        }
    }

    /**
     * Removes what an updater that a power cut ended has left: half a UKI takes the room of the
     * next one. Not below the state folder, as a trial writes its records there without the lock.
     */
    private void sweep(FolderLock lock) throws IOException {
        try {
            effects.esp().sweepTemporaryFiles();
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private FlipsideException busy(FailureCode code, String found, String action, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        code,
                        "lock in " + config.host().state(),
                        "to be the only updater on this host",
                        found,
                        action),
                cause);
    }

    @Override
    public void close() {
        source.close();
    }

    /** The disk with both slots: the one that is configured, or the one under the mounted root. */
    public static Path disk(UpdaterConfig.Host host) throws FlipsideException {
        if (host.disk().isPresent()) {
            return host.disk().get();
        }
        return disk(BootedSystem.read(host.systemRoot()), host.systemRoot());
    }

    /** The disk under the mounted root. */
    public static Path disk(BootedSystem system, Path systemRoot) {
        return systemRoot.resolve("dev").resolve(system.partitions().getFirst().disk());
    }

    private static Path esp(UpdaterConfig.Host host) throws FlipsideException {
        if (host.esp().isPresent()) {
            return host.esp().get();
        }
        return ESP_MOUNT_POINTS.stream()
                .map(host.systemRoot()::resolve)
                .filter(folder -> Files.isDirectory(folder.resolve("loader/entries")))
                .findFirst()
                .orElseThrow(
                        () ->
                                new FlipsideException(
                                        FailureCode.CONFIG_INVALID,
                                        "the ESP",
                                        "it mounted at /efi, /boot or /boot/efi",
                                        "no loader/entries there",
                                        "mount it, or set '[host] esp'"));
    }
}
