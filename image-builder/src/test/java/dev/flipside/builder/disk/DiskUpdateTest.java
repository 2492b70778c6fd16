package dev.flipside.builder.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.BootOrder;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.fat.FatVolume;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.FaultyDisk;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.release.ReleaseManifestJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiskUpdateTest {
    private static final long MIB = 1 << 20;

    @TempDir static Path releases;
    @TempDir Path folder;

    private static Path first;
    private static Path second;
    private static Path third;

    @BeforeAll
    static void build() throws Exception {
        first = TestingRelease.build(releases, "1.0", Usage.ROOT);
        second = TestingRelease.build(releases, "2.0", Usage.ROOT);
        third = TestingRelease.build(releases, "3.0", Usage.ROOT);
    }

    @ParameterizedTest
    @EnumSource(
            value = DiskFormat.class,
            names = {"RAW", "VHD"})
    void putsAReleaseIntoTheEmptySlotAndLetsTheNextBootTryIt(DiskFormat format) throws Exception {
        Path disk = disk(format, 512);
        byte[] before = Files.readAllBytes(disk);
        DiskUpdate.UpdatedDisk updated = DiskUpdate.run(second, disk, TestingRelease.QUIET);
        assertEquals(SlotName.B, updated.slot());
        assertEquals("flipside-0000000002+3-0.conf", updated.entry());
        assertHolds(disk, SlotName.A, first);
        assertHolds(disk, SlotName.B, second);
        assertEquals("host 2.0", next(disk));
        byte[] after = Files.readAllBytes(disk);
        int end = (int) (140 * MIB);
        assertEquals(before.length, after.length);
        assertArrayEquals(
                Arrays.copyOfRange(before, end, before.length),
                Arrays.copyOfRange(after, end, after.length));
    }

    @Test
    void updatesADiskWithLargeSectors() throws Exception {
        Path disk = disk(DiskFormat.RAW, 4096);
        DiskUpdate.run(second, disk, TestingRelease.QUIET);
        assertHolds(disk, SlotName.B, second);
        assertEquals("host 2.0", next(disk));
    }

    @Test
    void writesTheSameBytesIntoTheSameDisk() throws Exception {
        Path disk = disk(DiskFormat.RAW, 512);
        Path other = Files.copy(disk, folder.resolve("other"));
        DiskUpdate.run(second, disk, TestingRelease.QUIET);
        DiskUpdate.run(second, other, TestingRelease.QUIET);
        assertEquals(-1, Files.mismatch(disk, other));
    }

    @Test
    void leavesTheSlotToFallBackToAlone() throws Exception {
        Path disk = disk(DiskFormat.RAW, 512);
        DiskUpdate.run(second, disk, TestingRelease.QUIET);
        byte[] before = Files.readAllBytes(disk);
        assertRefused(FailureCode.UPDATE_HELD, third, disk);
        assertRefused(FailureCode.RELEASE_EXISTS, first, disk(DiskFormat.RAW, 512));
        assertArrayEquals(before, Files.readAllBytes(disk));
    }

    @Test
    void takesASlotWhoseTriesHaveAllFailed() throws Exception {
        Path disk = disk(DiskFormat.RAW, 512);
        DiskUpdate.run(second, disk, TestingRelease.QUIET);
        onEsp(disk, esp -> entries(esp).forEach(entry -> markBad(esp, entry)));
        DiskUpdate.UpdatedDisk updated = DiskUpdate.run(third, disk, TestingRelease.QUIET);
        assertEquals(SlotName.B, updated.slot());
        assertHolds(disk, SlotName.B, third);
        onEsp(
                disk,
                esp -> {
                    assertEquals(2, entries(esp).size());
                    assertEquals(2, esp.list(EspLayout.IMAGES).size());
                });
        assertEquals("host 3.0", next(disk));
    }

    @Test
    void takesTheOtherSlotOnceTheSecondHasProvedItself() throws Exception {
        Path disk = disk(DiskFormat.RAW, 512);
        DiskUpdate.run(second, disk, TestingRelease.QUIET);
        onEsp(
                disk,
                esp -> {
                    BootEntries entries = new BootEntries(esp);
                    List<BootEntry> own = BootOrder.sorted(entries.list().own());
                    entries.markGood(own.getFirst());
                    entries.remove(own.getLast());
                });
        DiskUpdate.UpdatedDisk updated = DiskUpdate.run(third, disk, TestingRelease.QUIET);
        assertEquals(SlotName.A, updated.slot());
        assertHolds(disk, SlotName.A, third);
        assertHolds(disk, SlotName.B, second);
        assertEquals("host 3.0", next(disk));
    }

    @Test
    void refusesADiskInTheMiddleOfATrialOrWithEntriesOfOthers() throws Exception {
        Path disk = disk(DiskFormat.RAW, 512);
        Path pristine = Files.copy(disk, folder.resolve("pristine"));
        DiskUpdate.run(second, disk, TestingRelease.QUIET);
        onEsp(
                disk,
                esp -> {
                    BootEntries entries = new BootEntries(esp);
                    List<BootEntry> own = BootOrder.sorted(entries.list().own());
                    entries.countDown(own.getFirst());
                    entries.remove(own.getLast());
                });
        assertRefused(FailureCode.UPDATE_HELD, third, disk);
        onEsp(pristine, esp -> put(esp, "EFI/Linux/other.efi", "x"));
        assertRefused(FailureCode.UPDATE_HELD, third, pristine);
        onEsp(pristine, esp -> esp.remove("EFI/Linux/other.efi"));
        onEsp(pristine, esp -> put(esp, EspLayout.LOADER_CONF, "default flipside*\n"));
        assertRefused(FailureCode.UPDATE_HELD, third, pristine);
        onEsp(pristine, esp -> put(esp, EspLayout.LOADER_CONF, "timeout 0\n"));
        DiskUpdate.run(third, pristine, TestingRelease.QUIET);
    }

    @Test
    void refusesWhatIsNoDiskOfOurs() throws Exception {
        Path small = Files.write(folder.resolve("small"), new byte[100]);
        assertRefused(FailureCode.GPT_MALFORMED, second, small);
        Path zeros = Files.write(folder.resolve("zeros"), new byte[100_000]);
        assertRefused(FailureCode.GPT_MALFORMED, second, zeros);
        assertRefused(FailureCode.INPUT_MISSING, second, folder.resolve("none"));
        assertRefused(FailureCode.ARGUMENT_INVALID, second, disk(DiskFormat.QCOW2, 512));
        assertRefused(FailureCode.INPUT_MISSING, folder, zeros);
    }

    @Test
    void refusesAReleaseWithAFlippedByteBeforeItTouchesTheDisk() throws Exception {
        Path disk = disk(DiskFormat.RAW, 512);
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (var files = Files.list(second)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        byte[] tree = Files.readAllBytes(copy.resolve("root.verity"));
        tree[tree.length - 1] ^= 1;
        Files.write(copy.resolve("root.verity"), tree);
        byte[] before = Files.readAllBytes(disk);
        assertRefused(FailureCode.DIGEST_MISMATCH, copy, disk);
        assertArrayEquals(before, Files.readAllBytes(disk));
    }

    /** At any moment the disk boots a whole slot, and the update can be made again. */
    @Test
    void survivesAPowerCutInEachOfItsSteps() throws Exception {
        FaultyDisk base = inMemory(disk(DiskFormat.RAW, 512));
        PowerLine steady = PowerLine.steady();
        FaultyDisk whole = base.copy(1);
        whole.plugInto(steady);
        update(whole);
        assertBootsAWholeSlot(whole, "host 2.0");
        long steps = steady.operations();
        assertTrue(steps > 40, "steps: " + steps);
        int old = 0;
        // Every step from the identity on, and each third of the many equal ones before.
        for (long cut = 0; cut < steps; cut += cut < steps - 60 ? 3 : 1) {
            FaultyDisk disk = base.copy(cut);
            disk.plugInto(PowerLine.cutAfter(cut));
            assertThrows(PowerCut.class, () -> update(disk), "cut " + cut);
            disk.powerOn(PowerLine.steady());
            String boots = nextOf(disk);
            assertBootsAWholeSlot(disk, boots);
            if (boots.equals("host 1.0")) {
                old++;
                update(disk);
                assertBootsAWholeSlot(disk, "host 2.0");
            }
        }
        assertTrue(old > 40, "cuts before the flip: %d of %d".formatted(old, steps));
    }

    private static void update(BlockDevice disk) throws Exception {
        DiskUpdate.run(ReleaseFolder.open(second), disk, TestingRelease.QUIET);
    }

    private static FaultyDisk inMemory(Path disk) throws Exception {
        try (BlockDevice file = FileBlockDevice.openForReading(disk, 512)) {
            FaultyDisk memory = new FaultyDisk(file.sizeBytes(), 512, 1);
            ByteBuffer piece = ByteBuffer.allocate(4096);
            for (long offset = 0; offset < file.sizeBytes(); offset += piece.capacity()) {
                file.read(piece.clear(), offset);
                if (!NewDisk.isZero(piece.flip())) {
                    memory.write(piece, offset);
                }
            }
            memory.flush();
            return memory;
        }
    }

    private static void assertBootsAWholeSlot(BlockDevice disk, String title) throws Exception {
        assertEquals(title, nextOf(disk));
        Path release = title.equals("host 1.0") ? first : second;
        assertHolds(disk, title.equals("host 1.0") ? SlotName.A : SlotName.B, release);
    }

    private static void assertHolds(Path disk, SlotName name, Path release) throws Exception {
        try (ExistingDisk existing = ExistingDisk.open(disk)) {
            assertHolds(existing.disk(), name, release);
        }
    }

    private static void assertHolds(BlockDevice disk, SlotName name, Path release)
            throws Exception {
        Slot slot = DiskLayout.find(Gpt.read(disk).gpt()).slot(name);
        ReleaseManifest manifest =
                ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
        assertEquals(
                SlotIdentity.of(manifest.verity().rootHashBytes(), "host", manifest.version()),
                slot.identity());
        assertHolds(disk, slot.data(), release.resolve("root.img"));
        assertHolds(disk, slot.hash(), release.resolve("root.verity"));
    }

    private static void assertHolds(BlockDevice disk, Partition partition, Path file)
            throws Exception {
        byte[] expected = Files.readAllBytes(file);
        ByteBuffer found = ByteBuffer.allocate(expected.length);
        disk.read(found, partition.offsetBytes(disk.sectorSizeBytes()));
        assertTrue(Arrays.equals(expected, found.array()), file.toString());
    }

    private static String next(Path disk) throws Exception {
        try (ExistingDisk existing = ExistingDisk.open(disk)) {
            return nextOf(existing.disk());
        }
    }

    /** The title of what the loader starts, with the UKI that its release has. */
    private static String nextOf(BlockDevice disk) throws Exception {
        DiskLayout layout = DiskLayout.find(Gpt.read(disk).gpt());
        DurableFolder esp = esp(disk, layout);
        BootEntry entry =
                BootOrder.pick(
                                new BootEntries(esp).list().all(),
                                layout.architecture(),
                                path -> exists(esp, path))
                        .orElseThrow();
        String title = entry.title().orElseThrow();
        Path uki =
                (title.equals("host 1.0") ? first : title.equals("host 2.0") ? second : third)
                        .resolve(title.replace(' ', '_') + ".efi");
        assertArrayEquals(
                Files.readAllBytes(uki),
                esp.read(entry.imagePath().orElseThrow(), 1 << 20).orElseThrow());
        return title;
    }

    private static DurableFolder esp(BlockDevice disk, DiskLayout layout) throws Exception {
        int sector = disk.sectorSizeBytes();
        return FatVolume.open(
                new PartitionDevice(
                        disk, layout.esp().offsetBytes(sector), layout.esp().sizeBytes(sector)),
                java.time.Instant.parse("2026-11-01T12:00:00Z"));
    }

    @FunctionalInterface
    private interface OnEsp {
        void run(DurableFolder esp) throws Exception;
    }

    private static void onEsp(Path disk, OnEsp step) throws Exception {
        try (ExistingDisk existing = ExistingDisk.open(disk)) {
            step.run(esp(existing.disk(), DiskLayout.find(Gpt.read(existing.disk()).gpt())));
        }
    }

    private static List<BootEntry> entries(DurableFolder esp) throws Exception {
        return new BootEntries(esp).list().own();
    }

    private static void markBad(DurableFolder esp, BootEntry entry) {
        try {
            if (!entry.isGood()) {
                new BootEntries(esp).markBad(entry);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean exists(DurableFolder esp, String path) {
        try {
            return esp.sizeBytes(path).isPresent();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void put(DurableFolder esp, String path, String text) throws IOException {
        esp.replace(path, DurableFolder.Content.of(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void assertRefused(FailureCode code, Path release, Path disk) {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> DiskUpdate.run(release, disk, TestingRelease.QUIET));
        assertEquals(code, e.failure().code(), e.getMessage());
    }

    private Path disk(DiskFormat format, int sectorSize) throws Exception {
        Path out = Files.createTempDirectory(folder, "disk").resolve("disk");
        long esp = sectorSize == 512 ? 34 * MIB : 260 * MIB;
        DiskBuild.run(
                new DiskRequest(
                        first,
                        out,
                        format,
                        DiskSizes.of(esp + 106 * MIB, 16 * MIB, esp),
                        sectorSize,
                        Optional.empty(),
                        DiskRequest.SecureBoot.none()),
                TestingRelease.QUIET);
        return out;
    }
}
