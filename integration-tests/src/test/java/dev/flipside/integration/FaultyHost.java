package dev.flipside.integration;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.LoaderConf;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.PartitionTypes;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.boot.gpt.SlotTypes;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FaultyDisk;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.PowerLine;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact.Role;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.DiskAccess;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.UpdateState;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A host whose disk, ESP and state fail as the test wants; otherwise as {@code disk} makes it. */
final class FaultyHost {
    static final int SECTOR_BYTES = 512;

    private static final long DISK_BYTES = 32L << 20;
    private static final long SLOT_SECTORS = (4L << 20) / SECTOR_BYTES;
    private static final long HASH_SECTORS = (1L << 20) / SECTOR_BYTES;
    private static final int COPY_BYTES = 1 << 20;

    final FaultyDisk disk;
    final FaultyFolder esp;
    final FaultyFolder state;
    final FaultyFolder trust;
    final SystemFolder system;
    final List<String> console = new ArrayList<>();

    private FaultyHost(
            FaultyDisk disk,
            FaultyFolder esp,
            FaultyFolder state,
            FaultyFolder trust,
            Path system) {
        this.disk = disk;
        this.esp = esp;
        this.state = state;
        this.trust = trust;
        this.system = new SystemFolder(system);
    }

    /** A new host with a release in slot A, never booted. */
    static FaultyHost installed(Path release, Path system, long seed) throws Exception {
        FaultyHost host =
                new FaultyHost(
                        new FaultyDisk(DISK_BYTES, SECTOR_BYTES, seed),
                        new FaultyFolder(seed + 1),
                        new FaultyFolder(seed + 2),
                        new FaultyFolder(seed + 3),
                        system);
        ReleaseManifest manifest =
                ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
        Gpt gpt = host.partitioned(manifest);
        host.copy(file(release, manifest, Role.IMAGE), gpt.partitions().get(1));
        host.copy(file(release, manifest, Role.TREE), gpt.partitions().get(2));
        gpt.create(host.disk);
        String uki = EspLayout.imagePath(manifest.artifact(Role.UKI).orElseThrow().sha256());
        host.esp.plant(uki, Files.readAllBytes(file(release, manifest, Role.UKI)));
        host.esp.plant(EspLayout.LOADER_CONF, LoaderConf.content());
        host.plant(
                BootEntry.flipside(
                        1, Optional.of(BootCounter.fresh(3)), "small " + manifest.version(), uki));
        host.disk.flush();
        return host;
    }

    /** The same host once more, on a steady line, with faults by another seed. */
    FaultyHost copy(Path newSystem, long seed) {
        return new FaultyHost(
                disk.copy(seed),
                esp.copy(seed + 1),
                state.copy(seed + 2),
                trust.copy(seed + 3),
                newSystem);
    }

    void plugInto(PowerLine line) {
        disk.plugInto(line);
        esp.plugInto(line);
        state.plugInto(line);
        trust.plugInto(line);
    }

    /** Loses what the cut has lost, and gives power again. */
    void powerOn(PowerLine line) {
        disk.powerOn(line);
        esp.powerOn(line);
        state.powerOn(line);
        trust.powerOn(line);
    }

    void plant(BootEntry entry) {
        esp.plant(EspLayout.ENTRIES + "/" + entry.fileName(), entry.content());
    }

    /** The names of the boot entries. */
    List<String> entries() {
        String prefix = EspLayout.ENTRIES + "/";
        return esp.files().keySet().stream()
                .filter(path -> path.startsWith(prefix))
                .map(path -> path.substring(prefix.length()))
                .toList();
    }

    /** The disk, which stays open whatever is done with it. */
    DiskAccess access() {
        return new DiskAccess() {
            @Override
            public BlockDevice openForReading() {
                return disk;
            }

            @Override
            public BlockDevice openForWriting(List<Partition> partitions) {
                return disk;
            }
        };
    }

    SimulatedHost powerButton(SimulatedHost.Daemon daemon) {
        return new SimulatedHost(
                new SimulatedHost.Machine(
                        access(),
                        esp,
                        state,
                        system,
                        List.of("/usr/lib/flipside/health.d", "/etc/flipside/health.d"),
                        daemon),
                InstantSource.system(),
                console::add);
    }

    /**
     * As {@code flipctl update}: stages and activates what the channel offers, unless that only
     * waits for its reboot.
     */
    void update(URI url) throws Exception {
        try (HostRuntime runtime = runtime(url)) {
            Coordinator coordinator = runtime.coordinator();
            if (coordinator.afterBoot().memory().state() instanceof UpdateState.RebootPending) {
                return;
            }
            Decision decision = coordinator.stage(Optional.empty());
            if (decision instanceof Decision.Hold) {
                throw new IllegalStateException(decision.line());
            }
            if (coordinator.status().memory().state() instanceof UpdateState.Staged) {
                coordinator.activate();
            }
        }
    }

    /** As {@code flipctl allow}. */
    void allow(URI url, String version) throws Exception {
        try (HostRuntime runtime = runtime(url)) {
            runtime.coordinator().allow(version);
        }
    }

    SimulatedHost.Rest powerOnAndSettle(URI url) throws Exception {
        try (HostRuntime runtime = runtime(url)) {
            return powerButton(() -> runtime.coordinator().afterBoot()).powerOn();
        }
    }

    /** What the host remembers of its way. */
    UpdateState state() throws Exception {
        return new Journal(state, 1 << 20, InstantSource.system()).load().state();
    }

    /** The updater as on any other host, but for the devices. */
    HostRuntime runtime(URI url) throws Exception {
        return HostRuntime.on(
                new HostRuntime.Devices(
                        access(),
                        esp,
                        state,
                        trust,
                        () -> BootedSystem.read(system.path()),
                        () -> false),
                config(url),
                InstantSource.system(),
                standing -> {});
    }

    private UpdaterConfig config(URI url) throws Exception {
        Path file = system.path().resolveSibling(system.path().getFileName() + ".toml");
        Files.writeString(
                file,
                """
                [source]
                url = "%s"
                [host]
                product = "small"
                system-root = "%s"
                root-json = "%s"
                """
                        .formatted(url, system.path(), system.path() + SystemFolder.ROOT_JSON));
        return ConfigFile.load(file);
    }

    private Gpt partitioned(ReleaseManifest manifest) {
        SlotTypes types = SlotTypes.of(Architecture.X86_64, Usage.ROOT);
        SlotIdentity a =
                SlotIdentity.of(
                        manifest.verity().rootHashBytes(), manifest.product(), manifest.version());
        SlotIdentity b = SlotIdentity.empty(new UUID(1, 1), new UUID(1, 2));
        List<Partition> partitions = new ArrayList<>();
        add(partitions, PartitionTypes.ESP, new UUID(1, 3), "esp", 2048);
        add(partitions, types.data(), a.data(), a.label(), SLOT_SECTORS);
        add(partitions, types.hash(), a.hash(), a.label(), HASH_SECTORS);
        add(partitions, types.data(), b.data(), b.label(), SLOT_SECTORS);
        add(partitions, types.hash(), b.hash(), b.label(), HASH_SECTORS);
        add(partitions, PartitionTypes.LINUX_DATA, new UUID(1, 4), "var", 2048);
        return Gpt.empty(new UUID(1, 0), SECTOR_BYTES, DISK_BYTES / SECTOR_BYTES)
                .withPartitions(partitions);
    }

    private static void add(
            List<Partition> partitions, UUID type, UUID uuid, String name, long sectors) {
        long first = partitions.isEmpty() ? 2048 : partitions.getLast().lastLba() + 1;
        partitions.add(
                new Partition(
                        partitions.size() + 1, type, uuid, name, first, first + sectors - 1, 0));
    }

    private void copy(Path file, Partition partition) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int offset = 0; offset < bytes.length; offset += COPY_BYTES) {
            disk.write(
                    ByteBuffer.wrap(bytes, offset, Math.min(COPY_BYTES, bytes.length - offset)),
                    partition.offsetBytes(SECTOR_BYTES) + offset);
        }
    }

    private static Path file(Path release, ReleaseManifest manifest, Role role) {
        return release.resolve(manifest.artifact(role).orElseThrow().name());
    }
}
