package dev.flipside.updater.coordinator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.BootOrder;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.boot.gpt.SlotTypes;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FaultyDisk;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.PowerLine;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.updater.boot.BootControl;
import dev.flipside.updater.health.FakeMachine;
import dev.flipside.updater.health.RootView;
import dev.flipside.updater.health.Trial;
import dev.flipside.updater.health.TrialRecords;
import dev.flipside.updater.health.TrialTerms;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.BootedSystem.PartitionExtent;
import dev.flipside.updater.host.CrashTraces;
import dev.flipside.updater.host.DiskAccess;
import dev.flipside.updater.host.HostLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A host in memory that can lose its power: disk, ESP and state folder on one line, and a loader
 * that picks, counts down and finds the slot as the real ones do. A slot "boots" when it holds
 * exactly what a release's image is.
 */
public final class SmallHost {
    static final int SECTOR_BYTES = 512;
    static final int SLOT_SECTORS = 128;
    private static final long SECTORS = 2048;
    private static final UUID DISK_GUID = new UUID(1, 2);

    final FaultyDisk disk;
    final FaultyFolder esp;
    public final FaultyFolder state;
    final TestRepository repository;

    /** What crashes have left behind. */
    CrashTraces crashes = CrashTraces.none();

    BootedSystem booted =
            new BootedSystem(
                    "none",
                    List.of(),
                    OptionalLong.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    false);

    /** How often somebody has looked at the host as a whole. */
    public final AtomicInteger looks = new AtomicInteger();

    /** What somebody chooses in the boot menu; all of it where nobody touches it. */
    Predicate<BootEntry> menu = entry -> true;

    private boolean blesses = true;
    private int boots;

    private SmallHost(
            FaultyDisk disk, FaultyFolder esp, FaultyFolder state, TestRepository repository) {
        this.disk = disk;
        this.esp = esp;
        this.state = state;
        this.repository = repository;
    }

    /** A host on which release 1 was installed, as {@code flipside-image disk} does. */
    public static SmallHost installed(TestRepository repository, long seed)
            throws IOException, FlipsideException {
        FaultyDisk disk = new FaultyDisk(SECTORS * SECTOR_BYTES, SECTOR_BYTES, seed);
        FaultyFolder esp = new FaultyFolder(seed + 1);
        FaultyFolder state = new FaultyFolder(seed + 2);
        SmallHost host = new SmallHost(disk, esp, state, repository);
        TestRelease one = repository.release("1");
        Gpt table = Gpt.empty(DISK_GUID, SECTOR_BYTES, SECTORS).withPartitions(partitions(one));
        table.create(disk);
        DiskLayout layout = DiskLayout.find(table);
        one.writeTo(disk, layout.slotA(), SECTOR_BYTES);
        disk.flush();
        esp.plant(EspLayout.imagePath(one.ukiDigest()), one.uki().toByteArray());
        BootEntry entry =
                BootEntry.flipside(
                        1,
                        Optional.of(BootCounter.fresh(3)),
                        "demo 1",
                        EspLayout.imagePath(one.ukiDigest()));
        esp.plant(EspLayout.ENTRIES + "/" + entry.fileName(), entry.content());
        return host;
    }

    /** One that has committed release 1, and is offered release 2. */
    public static SmallHost offeredRelease2(TestRepository repository, InstantSource clock)
            throws IOException, FlipsideException {
        SmallHost host = installed(repository, 1);
        host.bootUntilHealthy(clock);
        repository.offer("2");
        return host;
    }

    /** The same host, apart from this one, on a steady line. */
    SmallHost copy(long seed) {
        SmallHost copy =
                new SmallHost(
                        disk.copy(seed), esp.copy(seed + 1), state.copy(seed + 2), repository);
        copy.booted = booted;
        return copy;
    }

    private static List<Partition> partitions(TestRelease one) {
        SlotTypes types = SlotTypes.of(Architecture.X86_64, Usage.ROOT);
        SlotIdentity a = SlotIdentity.of(one.rootHashBytes(), "demo", "1");
        SlotIdentity b = SlotIdentity.empty(new UUID(3, 4), new UUID(5, 6));
        UUID esp = UUID.fromString("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
        return List.of(
                partition(1, esp, new UUID(7, 8), "esp", 64),
                partition(2, types.data(), a.data(), a.label(), 64 + SLOT_SECTORS),
                partition(3, types.hash(), a.hash(), a.label(), 64 + 2 * SLOT_SECTORS),
                partition(4, types.data(), b.data(), b.label(), 64 + 3 * SLOT_SECTORS),
                partition(5, types.hash(), b.hash(), b.label(), 64 + 4 * SLOT_SECTORS));
    }

    private static Partition partition(int number, UUID type, UUID uuid, String name, long first) {
        return new Partition(number, type, uuid, name, first, first + SLOT_SECTORS - 1, 0);
    }

    /** Whether a boot that was found healthy is marked good. */
    public void blesses(boolean newBlesses) {
        blesses = newBlesses;
    }

    /** Every change of the ESP fails from now on, or no more. */
    public void makeEspReadOnly(boolean readOnly) {
        esp.makeReadOnly(readOnly);
    }

    /** Marks the boot that runs as good. */
    public void bless() throws IOException, FlipsideException {
        new BootControl(esp).markGood(booted.sequence().orElseThrow());
    }

    void plugInto(PowerLine line) {
        disk.plugInto(line);
        esp.plugInto(line);
        state.plugInto(line);
    }

    void powerOn(PowerLine line) {
        disk.powerOn(line);
        esp.powerOn(line);
        state.powerOn(line);
    }

    public Coordinator coordinator(InstantSource clock) {
        return new Coordinator(TestRepository.config(), effects(), clock, entry -> {});
    }

    public HostEffects effects() {
        return new HostEffects(
                new DiskAccess() {
                    @Override
                    public BlockDevice openForReading() {
                        return disk;
                    }

                    @Override
                    public BlockDevice openForWriting(List<Partition> partitions) {
                        return disk;
                    }
                },
                esp,
                state,
                new HostEffects.BootReport() {
                    @Override
                    public BootedSystem read() {
                        looks.incrementAndGet();
                        return booted;
                    }

                    @Override
                    public CrashTraces crashes(Instant since) {
                        return new CrashTraces(
                                crashes.panic().filter(it -> !it.at().isBefore(since)),
                                crashes.watchdog());
                    }
                },
                repository,
                repository,
                () -> false);
    }

    /** What a boot came to. */
    public record Boot(TestRelease release, SlotName slot, boolean healthy) {}

    /**
     * One press of the power button: loader, kernel, trial and blessing.
     *
     * @return empty when the image was not what its root hash says, and the machine resets
     */
    public Optional<Boot> boot(InstantSource clock) throws IOException, FlipsideException {
        BootEntries entries = new BootEntries(esp);
        List<BootEntry> all = entries.list().all().stream().filter(menu).toList();
        BootEntry picked =
                BootOrder.pick(all, Architecture.X86_64, path -> esp.files().containsKey(path))
                        .orElseThrow(() -> new AssertionError("nothing to boot: " + all));
        BootEntry entry = entries.countDown(picked);
        TestRelease release = repository.ofUki(entry.imagePath().orElseThrow());
        DiskLayout layout = DiskLayout.find(Gpt.read(disk).gpt());
        Optional<Slot> slot = slotOf(layout, release);
        boolean counted = entry.counter().isPresent();
        if (slot.isEmpty() || !release.isIn(disk, slot.get(), SECTOR_BYTES)) {
            return Optional.empty();
        }
        boots++;
        OptionalLong sequence = entry.sequence();
        booted =
                new BootedSystem(
                        "boot-" + boots,
                        extents(slot.get()),
                        sequence,
                        counted,
                        Optional.empty(),
                        Optional.empty(),
                        false);
        boolean healthy = true;
        if (counted) {
            BootControl boot = new BootControl(esp);
            Trial trial = new Trial(new TrialRecords(state), boot, clock);
            RootView root = release.root();
            healthy =
                    trial.judge(
                                    new Trial.Subject(
                                            sequence.orElseThrow(),
                                            booted.bootId(),
                                            release.rootHash()),
                                    new FakeMachine(root),
                                    new TrialTerms(
                                            List.of("/health.d"), Duration.ZERO, Duration.ZERO),
                                    new FakeMachine(root))
                            .healthy();
            if (healthy && blesses) {
                boot.markGood(sequence.orElseThrow());
            }
        }
        return Optional.of(new Boot(release, slot.get().name(), healthy));
    }

    /** Boots until a release is healthy, and lets its updater settle the boot. */
    public Boot bootUntilHealthy(InstantSource clock) throws IOException, FlipsideException {
        for (int i = 0; i < 12; i++) {
            Optional<Boot> boot = boot(clock);
            if (boot.isPresent() && boot.get().healthy()) {
                coordinator(clock).afterBoot();
                return boot.get();
            }
        }
        throw new AssertionError("the host boots for ever: " + esp.files().keySet());
    }

    DiskLayout layout() throws IOException, FlipsideException {
        return DiskLayout.find(Gpt.read(disk).gpt());
    }

    List<String> entryNames() {
        List<String> names = new ArrayList<>();
        for (String path : esp.files().keySet()) {
            if (path.startsWith(EspLayout.ENTRIES + "/")) {
                names.add(path.substring(EspLayout.ENTRIES.length() + 1));
            }
        }
        return names;
    }

    /** Puts all of it into a folder, as a file-backed host has it. */
    public void writeTo(Path folder) throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) disk.sizeBytes());
        disk.read(content, 0);
        Files.write(folder.resolve("disk.raw"), content.array());
        write(folder.resolve("esp"), esp);
        write(folder.resolve("state"), state);
        Path system = folder.resolve("system");
        put(system, "proc/sys/kernel/random/boot_id", booted.bootId());
        put(system, "proc/self/mountinfo", "1 1 254:0 / / ro - erofs /dev/dm-0 ro\n");
        put(system, "sys/dev/block/254:0/dm/uuid", "CRYPT-VERITY-0-root\n");
        for (int i = 0; i < booted.partitions().size(); i++) {
            PartitionExtent extent = booted.partitions().get(i);
            String slave = "sys/dev/block/254:0/slaves/p" + i;
            put(system, slave + "/partition", "1\n");
            put(system, slave + "/start", extent.startBytes() / SECTOR_BYTES + "\n");
            put(system, slave + "/size", extent.sizeBytes() / SECTOR_BYTES + "\n");
        }
        String entry = "flipside-%010d.conf\0".formatted(booted.sequence().orElseThrow());
        put(
                system,
                "sys/firmware/efi/efivars/LoaderEntrySelected-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
                new String(
                        ("\0\0\0\0" + new String(entry.getBytes(UTF_16LE), ISO_8859_1))
                                .getBytes(ISO_8859_1),
                        ISO_8859_1));
    }

    private static void write(Path folder, FaultyFolder files) throws IOException {
        Files.createDirectories(folder);
        for (Map.Entry<String, byte[]> file : files.files().entrySet()) {
            put(folder, file.getKey(), new String(file.getValue(), ISO_8859_1));
        }
    }

    /** Each character is a byte. */
    private static void put(Path folder, String path, String bytes) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes.getBytes(ISO_8859_1));
    }

    private static Optional<Slot> slotOf(DiskLayout layout, TestRelease release) {
        return List.of(layout.slotA(), layout.slotB()).stream()
                .filter(slot -> HostLayout.rootHash(slot).equals(release.rootHash()))
                .findFirst();
    }

    private static List<PartitionExtent> extents(Slot slot) {
        return List.of(slot.data(), slot.hash()).stream()
                .map(
                        it ->
                                new PartitionExtent(
                                        "vda",
                                        it.offsetBytes(SECTOR_BYTES),
                                        it.sizeBytes(SECTOR_BYTES)))
                .toList();
    }

    static ByteBuffer sector(byte[] content) {
        return ByteBuffer.wrap(java.util.Arrays.copyOf(content, SECTOR_BYTES));
    }
}
