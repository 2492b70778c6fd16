package dev.flipside.builder.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.BootOrder;
import dev.flipside.boot.fat.FatReader;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.boot.uki.TestingPe;
import dev.flipside.boot.uki.Uki;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.release.ReleaseManifestJson;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskBuildTest {
    private static final long MIB = 1 << 20;

    @TempDir static Path releases;
    @TempDir Path folder;

    private static Path release;

    @BeforeAll
    static void build() throws Exception {
        release = TestingRelease.build(releases, "1.0", Usage.ROOT);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void putsTheReleaseIntoSlotA(int sectorSize) throws Exception {
        Path out = folder.resolve("disk.raw");
        DiskBuild.run(request(release, out, 800, 16, 300, sectorSize), TestingRelease.QUIET);
        ReleaseManifest manifest = manifest(release);
        try (BlockDevice disk = FileBlockDevice.openForReading(out, sectorSize)) {
            assertEquals(800 * MIB, disk.sizeBytes());
            GptOnDisk table = Gpt.read(disk);
            assertTrue(table.copiesAgree() && table.backupAtEnd());
            DiskLayout layout = DiskLayout.find(table.gpt());
            assertEquals(
                    SlotIdentity.of(manifest.verity().rootHashBytes(), "host", "1.0"),
                    layout.slot(SlotName.A).identity());
            assertTrue(layout.slot(SlotName.B).identity().isEmpty());
            assertEquals(Partition.READ_ONLY, layout.slotB().hash().attributes());
            assertTrue(layout.varPartition().orElseThrow().sizeBytes(sectorSize) > 64 * MIB);
            assertHolds(disk, layout.slotA().data(), "root.img");
            assertHolds(disk, layout.slotA().hash(), "root.verity");
            for (Partition partition : table.gpt().partitions()) {
                assertEquals(0, partition.offsetBytes(sectorSize) % MIB, partition.name());
            }
        }
    }

    @Test
    void putsLoaderUkiAndAnUncountedEntryOnTheEsp() throws Exception {
        Path out = folder.resolve("disk.raw");
        DiskBuild.run(request(release, out, 400, 16, 64, 512), TestingRelease.QUIET);
        FaultyFolder esp = esp(out);
        assertArrayEquals(TestingPe.kernel(99), esp.files().get("EFI/BOOT/BOOTX64.EFI"));
        assertArrayEquals(TestingPe.kernel(99), esp.files().get("EFI/systemd/systemd-bootx64.efi"));
        List<BootEntry> entries = new BootEntries(esp).list().all();
        BootEntry entry =
                BootOrder.pick(entries, Architecture.X86_64, path -> esp.files().containsKey(path))
                        .orElseThrow();
        assertEquals("flipside-0000000001.conf", entry.fileName());
        assertTrue(entry.isGood());
        byte[] uki = esp.files().get(entry.imagePath().orElseThrow());
        assertArrayEquals(Files.readAllBytes(release.resolve("host_1.0.efi")), uki);
        assertEquals(
                manifest(release).verity().rootHash(),
                Uki.read(RandomAccess.of(uki)).commandLine().value("roothash").orElseThrow());
        assertEquals(5, esp.files().size(), esp.files().keySet().toString());
    }

    @Test
    void writesTheSameBytesInEachFolder() throws Exception {
        Path first = folder.resolve("first.raw");
        Path second = Files.createDirectory(folder.resolve("other")).resolve("second.raw");
        DiskBuild.run(request(release, first, 140, 16, 34, 512), TestingRelease.QUIET);
        DiskBuild.run(request(release, second, 140, 16, 34, 512), TestingRelease.QUIET);
        assertEquals(-1, Files.mismatch(first, second));
    }

    @Test
    void takesTheLoaderThatIsGiven() throws Exception {
        Path loader = Files.write(folder.resolve("loader.efi"), TestingPe.kernel(5));
        Path out = folder.resolve("disk.raw");
        DiskBuild.run(withLoader(out, loader), TestingRelease.QUIET);
        assertArrayEquals(TestingPe.kernel(5), esp(out).files().get("EFI/BOOT/BOOTX64.EFI"));
        Files.write(loader, new byte[] {1});
        assertRefused(FailureCode.UKI_MALFORMED, withLoader(folder.resolve("no.raw"), loader));
        Files.delete(loader);
        assertRefused(FailureCode.INPUT_MISSING, withLoader(folder.resolve("no.raw"), loader));
    }

    @Test
    void refusesSizesThatAreTooSmall() throws Exception {
        Path out = folder.resolve("disk.raw");
        assertRefused(FailureCode.SLOT_TOO_SMALL, request(release, out, 400, 1, 64, 512));
        assertRefused(FailureCode.ESP_TOO_SMALL, request(release, out, 400, 16, 30, 512));
        assertRefused(FailureCode.ESP_TOO_SMALL, request(release, out, 400, 16, 200, 4096));
        assertRefused(FailureCode.DISK_TOO_SMALL, request(release, out, 160, 16, 64, 512));
    }

    @Test
    void refusesAnEspWithoutRoomForTheNextUki() throws Exception {
        Path big = TestingRelease.build(folder, "3.0", Usage.ROOT);
        Path uki = big.resolve("host_3.0.efi");
        byte[] padded = Arrays.copyOf(Files.readAllBytes(uki), (int) (20 * MIB));
        Files.write(uki, padded);
        pin(big, Artifact.Role.UKI, padded);
        assertRefused(
                FailureCode.ESP_TOO_SMALL,
                request(big, folder.resolve("disk.raw"), 400, 16, 36, 512));
    }

    @Test
    void refusesAnArtifactWithAFlippedByte() throws Exception {
        for (String name : List.of("root.img", "root.verity", "host_1.0.efi")) {
            Path copy = copyOfRelease("flipped-" + name);
            byte[] bytes = Files.readAllBytes(copy.resolve(name));
            bytes[bytes.length - 1] ^= 1;
            Files.write(copy.resolve(name), bytes);
            assertRefused(
                    FailureCode.DIGEST_MISMATCH,
                    request(copy, folder.resolve("disk.raw"), 400, 16, 64, 512));
            Files.write(copy.resolve(name), Arrays.copyOf(bytes, bytes.length - 1));
            assertRefused(
                    FailureCode.DIGEST_MISMATCH,
                    request(copy, folder.resolve("disk.raw"), 400, 16, 64, 512));
            Files.delete(copy.resolve(name));
            assertRefused(
                    FailureCode.INPUT_MISSING,
                    request(copy, folder.resolve("disk.raw"), 400, 16, 64, 512));
        }
    }

    @Test
    void refusesAUkiThatOpensAnotherImage() throws Exception {
        Path copy = copyOfRelease("mixed");
        Path other = TestingRelease.build(folder, "4.0", Usage.ROOT);
        byte[] uki = Files.readAllBytes(other.resolve("host_4.0.efi"));
        Files.write(copy.resolve("host_1.0.efi"), uki);
        pin(copy, Artifact.Role.UKI, uki);
        assertRefused(
                FailureCode.UKI_MALFORMED,
                request(copy, folder.resolve("disk.raw"), 400, 16, 64, 512));
    }

    @Test
    void leavesAnExistingFileAlone() throws Exception {
        Path out = Files.write(folder.resolve("disk.raw"), new byte[] {7});
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () ->
                                DiskBuild.run(
                                        request(release, out, 400, 16, 64, 512),
                                        TestingRelease.QUIET));
        assertEquals(FailureCode.OUTPUT_EXISTS, e.failure().code());
        assertArrayEquals(new byte[] {7}, Files.readAllBytes(out));
        assertRefused(
                FailureCode.INPUT_MISSING,
                request(release, folder.resolve("none/disk.raw"), 400, 16, 64, 512));
        assertRefused(
                FailureCode.INPUT_MISSING,
                request(folder, folder.resolve("new.raw"), 400, 16, 64, 512));
    }

    @Test
    void refusesAVhdThatCannotBe() throws Exception {
        Path out = folder.resolve("disk.vhd");
        DiskSizes sizes = DiskSizes.of(800 * MIB, 16 * MIB, 300 * MIB);
        assertRefused(
                FailureCode.ARGUMENT_INVALID,
                new DiskRequest(
                        release,
                        out,
                        DiskFormat.VHD,
                        sizes,
                        4096,
                        Optional.empty(),
                        DiskRequest.SecureBoot.none()));
        DiskSizes huge = DiskSizes.of((2040L << 30) + MIB, 16 * MIB, 64 * MIB);
        assertRefused(
                FailureCode.ARGUMENT_INVALID,
                new DiskRequest(
                        release,
                        out,
                        DiskFormat.VHD,
                        huge,
                        512,
                        Optional.empty(),
                        DiskRequest.SecureBoot.none()));
    }

    @Test
    void saysWhatIsNeededAndWhatWasGiven() {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () ->
                                DiskBuild.run(
                                        request(release, folder.resolve("d"), 99, 16, 64, 512),
                                        TestingRelease.QUIET));
        // Tables 2, ESP 64, slots 2 x (16 + 1), var 64.
        assertTrue(e.getMessage().contains(Long.toString(164 * MIB)), e.getMessage());
        assertTrue(e.getMessage().contains(Long.toString(99 * MIB)), e.getMessage());
    }

    private void assertRefused(FailureCode code, DiskRequest request) throws Exception {
        List<Path> before = names(folder);
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> DiskBuild.run(request, TestingRelease.QUIET));
        assertEquals(code, e.failure().code(), e.getMessage());
        assertEquals(before, names(folder));
    }

    private static List<Path> names(Path folder) throws Exception {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.sorted().toList();
        }
    }

    private Path copyOfRelease(String name) throws Exception {
        Path copy = Files.createDirectory(folder.resolve(name));
        for (Path file : names(release)) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    private static void pin(Path release, Artifact.Role role, byte[] bytes) throws Exception {
        ReleaseManifest manifest = manifest(release);
        Artifact old = manifest.artifact(role).orElseThrow();
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        List<Artifact> artifacts =
                manifest.artifacts().stream()
                        .map(
                                artifact ->
                                        artifact.role() == role
                                                ? new Artifact(
                                                        role, old.name(), bytes.length, sha256)
                                                : artifact)
                        .toList();
        ReleaseManifest changed =
                new ReleaseManifest(
                        manifest.product(),
                        manifest.version(),
                        manifest.architecture(),
                        manifest.securityVersion(),
                        manifest.created(),
                        manifest.verity(),
                        artifacts,
                        manifest.neededSlotBytes(),
                        manifest.neededTreeBytes(),
                        manifest.neededUpdaterFormat());
        Files.write(release.resolve("release.json"), ReleaseManifestJson.write(changed));
    }

    private static void assertHolds(BlockDevice disk, Partition partition, String name)
            throws Exception {
        byte[] expected = Files.readAllBytes(release.resolve(name));
        ByteBuffer found = ByteBuffer.allocate(expected.length);
        disk.read(found, partition.offsetBytes(disk.sectorSizeBytes()));
        assertArrayEquals(expected, found.array(), name);
    }

    private static FaultyFolder esp(Path disk) throws Exception {
        FaultyFolder esp = new FaultyFolder(1);
        try (BlockDevice device = FileBlockDevice.openForReading(disk, 512)) {
            Partition partition = DiskLayout.find(Gpt.read(device).gpt()).esp();
            FatReader.open(
                            new PartitionDevice(
                                    device, partition.offsetBytes(512), partition.sizeBytes(512)))
                    .copyTo(esp);
        }
        return esp;
    }

    private static DiskRequest request(
            Path release, Path out, int size, int slot, int esp, int sectorSize) {
        return new DiskRequest(
                release,
                out,
                DiskFormat.RAW,
                DiskSizes.of(size * MIB, slot * MIB, esp * MIB),
                sectorSize,
                Optional.empty(),
                DiskRequest.SecureBoot.none());
    }

    private static DiskRequest withLoader(Path out, Path loader) {
        return new DiskRequest(
                release,
                out,
                DiskFormat.RAW,
                DiskSizes.of(400 * MIB, 16 * MIB, 64 * MIB),
                512,
                Optional.of(loader),
                DiskRequest.SecureBoot.none());
    }

    private static ReleaseManifest manifest(Path release) throws Exception {
        return ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
    }
}
