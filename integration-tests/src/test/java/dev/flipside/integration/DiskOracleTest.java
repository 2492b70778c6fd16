package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.initrd.GiveUpInitrd;
import dev.flipside.builder.disk.DiskBuild;
import dev.flipside.builder.disk.DiskBuild.BuiltDisk;
import dev.flipside.builder.disk.DiskFormat;
import dev.flipside.builder.disk.DiskRequest;
import dev.flipside.builder.disk.DiskSizes;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.ByteArrayInputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * gdisk, dosfstools, mtools, binutils and systemd judge our disks; needs root, for a loop device.
 */
class DiskOracleTest {
    private static final long MIB = 1 << 20;
    private static final int ESP_OFFSET_MIB = 1;

    @TempDir Path folder;

    @BeforeEach
    void buildRelease() throws Exception {
        SmallReleases.build(SmallRoot.of("1"), "1", folder);
    }

    @Test
    void gdiskFindsNothingWrongWithTheTables() throws Exception {
        disk(512);
        String found = Tools.find("sgdisk").check("-v", path());
        assertTrue(found.contains("No problems found"), found);
        String listed = Tools.find("sgdisk").check("-p", path());
        assertTrue(listed.contains("small_1") && listed.contains("_empty"), listed);
    }

    @Test
    void gdiskSeesThatATornTableIsTorn() throws Exception {
        disk(512);
        try (RandomAccessFile torn = new RandomAccessFile(path().toFile(), "rw")) {
            torn.seek(2 * 512 + 32);
            torn.write(0xFF);
        }
        String found = Tools.find("sgdisk").run("-v", path()).output();
        assertTrue(!found.contains("No problems found"), found);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void fsckFindsNothingWrongWithTheEsp(int sectorSize) throws Exception {
        Path esp = esp(disk(sectorSize), sectorSize);
        String found = Tools.find("fsck.vfat").check("-n", "-v", esp);
        assertTrue(found.contains("%d bytes per logical sector".formatted(sectorSize)), found);
        assertTrue(!found.contains("differ") && !found.contains("wrong"), found);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void mtoolsListsTheFilesOfTheEspAndReadsThem(int sectorSize) throws Exception {
        BuiltDisk disk = disk(sectorSize);
        String volume = path() + "@@" + ESP_OFFSET_MIB + "M";
        String uki = disk.manifest().artifact(Artifact.Role.UKI).orElseThrow().sha256() + ".efi";
        List<String> listed =
                Tools.find("mdir").check("-b", "-/", "-i", volume, "::").lines().toList();
        for (String path :
                List.of(
                        "EFI/BOOT/BOOTX64.EFI",
                        "EFI/systemd/systemd-bootx64.efi",
                        "loader/loader.conf",
                        "loader/entries/flipside-0000000001.conf",
                        "flipside/" + uki)) {
            assertTrue(listed.contains("::/" + path), path + " in " + listed);
        }
        Path copy = folder.resolve("copy.efi");
        Tools.find("mcopy").check("-n", "-i", volume, "::/flipside/" + uki, copy);
        assertEquals(-1, Files.mismatch(folder.resolve("1/small_1.efi"), copy));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void systemdAcceptsTheDiskAndFindsTheRootByItsHash(int sectorSize) throws Exception {
        BuiltDisk disk = disk(sectorSize);
        String rootHash = disk.manifest().verity().rootHash();
        Tools.Tool dissect = Tools.find("systemd-dissect");
        dissect.check("--validate", path());
        dissect.check(
                "--validate",
                "--root-hash=" + rootHash,
                "--image-policy=root=verity:root-verity=unprotected:esp=unprotected:=unused+absent",
                path());
        String other = "0".repeat(rootHash.length());
        assertNotEquals(0, dissect.run("--validate", "--root-hash=" + other, path()).exitCode());
    }

    @Test
    void binutilsAndUkifyReadTheUki() throws Exception {
        Path uki = folder.resolve("1/small_1.efi");
        String sections = Tools.find("objdump").check("-h", uki);
        for (String name : List.of(".sbat", ".osrel", ".cmdline", ".uname", ".initrd", ".linux")) {
            assertTrue(sections.contains(name), sections);
        }
        String inspected = Tools.find("ukify").check("inspect", uki);
        assertTrue(inspected.contains("6.12.0-small"), inspected);
        assertTrue(inspected.contains("roothash="), inspected);
        assertTrue(inspected.contains("VERSION_ID=1"), inspected);
    }

    @Test
    void anotherCpioReaderUnpacksTheInitrdThatGivesUp() throws Exception {
        Map<String, String> files = new TreeMap<>();
        try (CpioArchiveInputStream in =
                new CpioArchiveInputStream(new ByteArrayInputStream(GiveUpInitrd.bytes()))) {
            for (CpioArchiveEntry entry = in.getNextEntry();
                    entry != null;
                    entry = in.getNextEntry()) {
                String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                files.put(entry.getName(), entry.isDirectory() ? "folder" : content);
            }
        }
        assertEquals("folder", files.get("etc/systemd/system"));
        assertTrue(
                files.get("etc/systemd/system/flipside-give-up.service").contains("reboot"),
                files.toString());
    }

    private Path path() {
        return folder.resolve("disk.raw");
    }

    private BuiltDisk disk(int sectorSize) throws Exception {
        long espSize = sectorSize == 512 ? 40 * MIB : 264 * MIB;
        return DiskBuild.run(
                new DiskRequest(
                        folder.resolve("1"),
                        path(),
                        DiskFormat.RAW,
                        DiskSizes.of(512 * MIB, 32 * MIB, espSize),
                        sectorSize,
                        Optional.empty(),
                        DiskRequest.SecureBoot.none()),
                SmallReleases.SILENT);
    }

    private Path esp(BuiltDisk disk, int sectorSize) throws Exception {
        Partition esp = disk.layout().esp();
        Path copy = folder.resolve("esp.img");
        try (FileChannel from = FileChannel.open(path());
                FileChannel to =
                        FileChannel.open(
                                copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            from.transferTo(esp.offsetBytes(sectorSize), esp.sizeBytes(sectorSize), to);
        }
        assertEquals(esp.sizeBytes(sectorSize), Files.size(copy));
        return copy;
    }
}
