package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.builder.disk.DiskBuild;
import dev.flipside.builder.disk.DiskFormat;
import dev.flipside.builder.disk.DiskRequest;
import dev.flipside.builder.disk.DiskSizes;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.updater.growth.DiskGrowth;
import dev.flipside.updater.growth.DiskGrowth.Outcome;
import dev.flipside.updater.growth.KernelVar;
import dev.flipside.updater.growth.VarDevice;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.BootedSystem.PartitionExtent;
import dev.flipside.updater.host.HostDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** gdisk, partx and the kernel judge a disk that has grown; needs root, for a loop device. */
class GrowthOracleTest {
    private static final long MIB = 1 << 20;
    private static final long BUILT_BYTES = 512 * MIB;

    /** No whole number of mebibytes, as a cloud may have it. */
    private static final long GROWN_BYTES = 900 * MIB + 40960;

    private static final Path WANTS_GROWTH =
            Path.of("../updater/src/main/sysroot/usr/lib/flipside/wants-growth").toAbsolutePath();

    @TempDir Path folder;

    @BeforeEach
    void buildRelease() throws Exception {
        SmallReleases.build(SmallRoot.of("1"), "1", folder);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void theKernelGetsALargerVarWhileItIsMounted(int sectorSize) throws Exception {
        grow(built(sectorSize));
        Path said = folder.resolve("growfs");
        try (LoopDevice loop = LoopDevice.withPartitions(disk(), sectorSize);
                MountedVar var = new MountedVar(loop.path() + "p6")) {
            HostDisk disk = new HostDisk(loop.path());
            // systemd-growfs needs CAP_SYS_RESOURCE, which containers do not have.
            KernelVar.Programs programs =
                    new KernelVar.Programs(
                            Tools.find("partx").command(),
                            List.of("/bin/sh", "-c", "printf %s \"$0\" >" + said));
            long expectedBytes = GROWN_BYTES / MIB * MIB - firstByte(sectorSize);
            Outcome outcome =
                    new DiskGrowth(disk, new KernelVar(disk, programs)).run(booted(sectorSize));
            assertEquals(new Outcome(true, Optional.of(expectedBytes), true), outcome);
            assertEquals(expectedBytes, sizeBytes(loop.path() + "p6"));
            assertEquals(var.point().toString(), Files.readString(said));
        }
        assertEquals(0, var(sectorSize).attributes());
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void gdiskFindsNothingWrongWithTheTablesAfterwards(int sectorSize) throws Exception {
        grow(built(sectorSize));
        try (LoopDevice loop = new LoopDevice(disk(), sectorSize)) {
            String before = Tools.find("sgdisk").run("-v", loop.path()).output();
            assertTrue(!before.contains("No problems found"), before);
            new DiskGrowth(new HostDisk(disk()), new MountedAlready()).run(booted(sectorSize));
            String after = Tools.find("sgdisk").check("-v", loop.path());
            assertTrue(after.contains("No problems found"), after);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void theUnitKnowsWithoutJavaWhetherThereIsSomethingToDo(int sectorSize) throws Exception {
        Path root = system(built(sectorSize), sectorSize);
        assertEquals(0, wantsGrowth(root), "a var that nobody uses yet");
        new DiskGrowth(new HostDisk(disk()), new MountedAlready()).run(booted(sectorSize));
        assertEquals(1, wantsGrowth(root), "a disk that is as it should be");
        grow(disk());
        system(disk(), sectorSize);
        assertEquals(0, wantsGrowth(root), "a disk that has grown");
        new DiskGrowth(new HostDisk(disk()), new NotMounted()).run(booted(sectorSize));
        assertEquals(0, wantsGrowth(root), "a file system that has not grown");
        new DiskGrowth(new HostDisk(disk()), new MountedAlready()).run(booted(sectorSize));
        assertEquals(1, wantsGrowth(root), "a disk that is as it should be");
    }

    private static int wantsGrowth(Path root) {
        return Tools.find("env").run("sh", WANTS_GROWTH, root).exitCode();
    }

    /** What a kernel shows of the disk that the root stands on. */
    private Path system(Path disk, int sectorSize) throws IOException {
        Path root = Files.createDirectories(folder.resolve("system"));
        Path device = root.resolve("sys/devices/vda");
        write(root.resolve("proc/self/mountinfo"), "21 1 254:0 / / ro - erofs /dev/dm-0 ro");
        write(device.resolve("queue/logical_block_size"), Integer.toString(sectorSize));
        write(device.resolve("size"), Long.toString(Files.size(disk) / 512));
        write(device.resolve("vda2/partition"), "2");
        write(device.resolve("vda6/uevent"), "DEVNAME=vda6\nPARTN=6\nPARTNAME=var");
        Path slaves = Files.createDirectories(root.resolve("sys/dev/block/254:0/slaves"));
        link(slaves.resolve("vda2"), device.resolve("vda2"));
        link(Files.createDirectories(root.resolve("dev")).resolve("vda"), disk);
        return root;
    }

    private static void write(Path file, String line) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, line + "\n");
    }

    private static void link(Path link, Path target) throws IOException {
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, target);
    }

    private Path disk() {
        return folder.resolve("disk.raw");
    }

    private Path built(int sectorSize) throws Exception {
        DiskBuild.run(
                new DiskRequest(
                        folder.resolve("1"),
                        disk(),
                        DiskFormat.RAW,
                        DiskSizes.of(
                                BUILT_BYTES, 32 * MIB, sectorSize == 512 ? 40 * MIB : 264 * MIB),
                        sectorSize,
                        Optional.empty(),
                        DiskRequest.SecureBoot.none()),
                SmallReleases.SILENT);
        return disk();
    }

    private static void grow(Path disk) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(GROWN_BYTES);
        }
    }

    private DiskLayout layout(int sectorSize) throws Exception {
        try (BlockDevice device = FileBlockDevice.openForReading(disk(), sectorSize)) {
            return DiskLayout.find(Gpt.read(device).gpt());
        }
    }

    private Partition var(int sectorSize) throws Exception {
        return layout(sectorSize).varPartition().orElseThrow();
    }

    private long firstByte(int sectorSize) throws Exception {
        return var(sectorSize).offsetBytes(sectorSize);
    }

    private static long sizeBytes(String device) {
        return Long.parseLong(Tools.find("blockdev").check("--getsize64", device).strip());
    }

    private BootedSystem booted(int sectorSize) throws Exception {
        DiskLayout.Slot slot = layout(sectorSize).slotA();
        List<PartitionExtent> extents =
                Stream.of(slot.data(), slot.hash())
                        .map(
                                it ->
                                        new PartitionExtent(
                                                "vda",
                                                it.offsetBytes(sectorSize),
                                                it.sizeBytes(sectorSize)))
                        .toList();
        return new BootedSystem(
                "b",
                extents,
                OptionalLong.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /** An ext4 in use, as early boot leaves it. */
    private final class MountedVar implements AutoCloseable {
        private final Path point;

        MountedVar(String device) throws IOException {
            Tools.find("mkfs.ext4").check("-q", device);
            point = Files.createTempDirectory(folder, "var-").toRealPath();
            Tools.find("mount").check("-t", "ext4", device, point);
        }

        Path point() {
            return point;
        }

        @Override
        public void close() {
            Tools.find("umount").check(point);
        }
    }

    /** A var whose file system grew. */
    private static final class MountedAlready implements VarDevice {
        @Override
        public void resize(Partition var) {}

        @Override
        public boolean fill(Partition var) {
            return true;
        }
    }

    /** A var that could not be mounted. */
    private static final class NotMounted implements VarDevice {
        @Override
        public void resize(Partition var) {}

        @Override
        public boolean fill(Partition var) {
            return false;
        }
    }
}
