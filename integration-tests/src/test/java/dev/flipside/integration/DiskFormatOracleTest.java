package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.builder.disk.DiskBuild;
import dev.flipside.builder.disk.DiskBuild.BuiltDisk;
import dev.flipside.builder.disk.DiskFormat;
import dev.flipside.builder.disk.DiskRequest;
import dev.flipside.builder.disk.DiskSizes;
import dev.flipside.builder.disk.DiskUpdate;
import dev.flipside.release.ReleaseManifest;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** qemu-img, libblkid and gdisk judge the formats of our disks; needs root, for a loop device. */
class DiskFormatOracleTest {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    @TempDir static Path releases;
    @TempDir Path folder;

    private static Path release;

    @BeforeAll
    static void buildRelease() throws Exception {
        SmallReleases.build(SmallRoot.of("1"), "1", releases);
        release = releases.resolve("1");
    }

    @Test
    void qemuChecksAQcow2AndFindsTheRawDiskInIt() throws Exception {
        disk(DiskFormat.RAW, 512, 6 * GIB);
        disk(DiskFormat.QCOW2, 512, 6 * GIB);
        Tools.Tool qemu = Tools.find("qemu-img");
        String checked = qemu.check("check", "-f", "qcow2", path(DiskFormat.QCOW2));
        assertTrue(checked.contains("No errors were found"), checked);
        String compared =
                qemu.check(
                        "compare",
                        "-f",
                        "raw",
                        "-F",
                        "qcow2",
                        path(DiskFormat.RAW),
                        path(DiskFormat.QCOW2));
        assertTrue(compared.contains("Images are identical"), compared);
        ObjectNode info = info(DiskFormat.QCOW2, "qcow2");
        assertEquals(6 * GIB, info.get("virtual-size").asLong());
        assertEquals("1.1", info.at("/format-specific/data/compat").asText());
        assertTrue(Files.size(path(DiskFormat.QCOW2)) < 64 * MIB, "holds zeros");
    }

    @Test
    void qemuSeesARefcountThatIsWrongAndAByteThatDiffers() throws Exception {
        disk(DiskFormat.RAW, 512, 512 * MIB);
        disk(DiskFormat.QCOW2, 512, 512 * MIB);
        Path qcow2 = path(DiskFormat.QCOW2);
        Tools.Tool qemu = Tools.find("qemu-img");
        long last = Files.size(qcow2) - 65_536;
        try (RandomAccessFile file = new RandomAccessFile(qcow2.toFile(), "rw")) {
            file.seek(last + 3);
            file.write(2);
        }
        assertNotEquals(0, qemu.run("check", "-f", "qcow2", qcow2).exitCode());
        try (RandomAccessFile file = new RandomAccessFile(path(DiskFormat.RAW).toFile(), "rw")) {
            file.seek(300 * MIB);
            file.write(1);
        }
        int differs =
                qemu.run("compare", "-f", "raw", "-F", "qcow2", path(DiskFormat.RAW), qcow2)
                        .exitCode();
        assertEquals(1, differs);
    }

    @Test
    void qemuReadsAVhdOfExactlyTheSizeThatAzureWants() throws Exception {
        disk(DiskFormat.RAW, 512, 6 * GIB + MIB);
        disk(DiskFormat.VHD, 512, 6 * GIB + MIB);
        Path vhd = path(DiskFormat.VHD);
        String compared =
                Tools.find("qemu-img")
                        .check("compare", "-f", "raw", "-F", "vpc", path(DiskFormat.RAW), vhd);
        assertTrue(compared.contains("Images are identical"), compared);
        ObjectNode info = info(DiskFormat.VHD, "vpc");
        assertEquals(6 * GIB + MIB, info.get("virtual-size").asLong());
        assertEquals(6 * GIB + MIB + 512, Files.size(vhd));
        assertTrue(info.get("actual-size").asLong() < 64 * MIB, "not sparse: " + info);
    }

    @Test
    void fsckGdiskAndSystemdAcceptADiskThatWasUpdatedInPlace() throws Exception {
        BuiltDisk built = disk(DiskFormat.RAW, 512, 512 * MIB);
        ReleaseManifest second = SmallReleases.build(SmallRoot.of("2"), "2", folder);
        Path disk = path(DiskFormat.RAW);
        DiskUpdate.run(folder.resolve("2"), disk, SmallReleases.SILENT);
        String tables = Tools.find("sgdisk").check("-v", disk);
        assertTrue(tables.contains("No problems found"), tables);
        Tools.find("systemd-dissect")
                .check("--validate", "--root-hash=" + second.verity().rootHash(), disk);
        Partition esp = built.layout().esp();
        Path copy = folder.resolve("esp.img");
        try (FileChannel from = FileChannel.open(disk);
                FileChannel to =
                        FileChannel.open(
                                copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            from.transferTo(esp.offsetBytes(512), esp.sizeBytes(512), to);
        }
        String found = Tools.find("fsck.vfat").check("-n", "-v", copy);
        assertTrue(!found.contains("differ") && !found.contains("wrong"), found);
        String listed = Tools.find("mdir").check("-b", "-/", "-i", copy, "::");
        assertTrue(listed.contains("::/loader/entries/flipside-0000000002+3-0.conf"), listed);
    }

    @ParameterizedTest
    @EnumSource(DiskFormat.class)
    void writesTheSameBytesTwice(DiskFormat format) throws Exception {
        disk(format, 512, 512 * MIB);
        Path second = folder.resolve("second");
        DiskBuild.run(request(second, format, 512, 512 * MIB), SmallReleases.SILENT);
        assertEquals(-1, Files.mismatch(path(format), second));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void libblkidAndGdiskFindTheSamePartitionsOnADiskOfThisSectorSize(int sectorSize)
            throws Exception {
        BuiltDisk disk = disk(DiskFormat.RAW, sectorSize, 640 * MIB);
        try (LoopDevice loop = new LoopDevice(path(DiskFormat.RAW), sectorSize)) {
            String found = Tools.find("sgdisk").check("-v", loop.path());
            assertTrue(found.contains("No problems found"), found);
            String listed = Tools.find("sgdisk").check("-p", loop.path());
            assertTrue(listed.contains("%d/".formatted(sectorSize)), listed);
            List<String> expected =
                    disk.layout().gpt().partitions().stream()
                            .map(partition -> line(partition, sectorSize))
                            .toList();
            assertEquals(expected, loop.partitions());
        }
    }

    @Test
    void sizesOfAllPartitionsAreAsGiven() throws Exception {
        DiskSizes sizes =
                new DiskSizes(
                        OptionalLong.empty(),
                        32 * MIB,
                        OptionalLong.of(3 * MIB),
                        48 * MIB,
                        OptionalLong.of(100 * MIB));
        Path out = path(DiskFormat.RAW);
        DiskBuild.run(
                new DiskRequest(
                        release,
                        out,
                        DiskFormat.RAW,
                        sizes,
                        512,
                        Optional.empty(),
                        DiskRequest.SecureBoot.none()),
                SmallReleases.SILENT);
        assertEquals((2 + 48 + 2 * (32 + 3) + 100) * MIB, Files.size(out));
        try (LoopDevice loop = new LoopDevice(out, 512)) {
            assertEquals(
                    List.of(48 * MIB, 32 * MIB, 3 * MIB, 32 * MIB, 3 * MIB, 100 * MIB),
                    loop.partitions().stream()
                            .map(line -> Long.parseLong(line.split(" ")[2]))
                            .toList());
        }
    }

    private static String line(Partition partition, int sectorSize) {
        return "%d %d %d"
                .formatted(
                        partition.number(),
                        partition.offsetBytes(sectorSize),
                        partition.sizeBytes(sectorSize));
    }

    private ObjectNode info(DiskFormat format, String qemuName) throws Exception {
        return Workbench.parse(
                Tools.find("qemu-img")
                        .check("info", "--output=json", "-f", qemuName, path(format)));
    }

    private Path path(DiskFormat format) {
        return folder.resolve("disk." + format.code());
    }

    private BuiltDisk disk(DiskFormat format, int sectorSize, long sizeBytes) throws Exception {
        return DiskBuild.run(
                request(path(format), format, sectorSize, sizeBytes), SmallReleases.SILENT);
    }

    private static DiskRequest request(
            Path out, DiskFormat format, int sectorSize, long sizeBytes) {
        long espSize = sectorSize == 512 ? 40 * MIB : 264 * MIB;
        return new DiskRequest(
                release,
                out,
                format,
                DiskSizes.of(sizeBytes, 32 * MIB, espSize),
                sectorSize,
                Optional.empty(),
                DiskRequest.SecureBoot.none());
    }
}
