package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelBlockDevicesTest {
    @TempDir Path root;

    private KernelBlockDevices devices;

    @BeforeEach
    void makeADiskWithAPartitionAsSysfsShowsThem() throws IOException {
        Path disk = Files.createDirectories(root.resolve("sys/devices/pci0/block/vda"));
        Files.createDirectories(disk.resolve("queue"));
        Files.writeString(disk.resolve("queue/logical_block_size"), "4096\n");
        Files.createDirectories(disk.resolve("holders"));
        Files.createDirectories(disk.resolve("vda2/holders/dm-0"));
        Path names = Files.createDirectories(root.resolve("sys/class/block"));
        Files.createSymbolicLink(names.resolve("vda"), disk);
        Files.createSymbolicLink(names.resolve("vda2"), disk.resolve("vda2"));
        Path dev = Files.createDirectories(root.resolve("dev/disk"));
        Files.createFile(root.resolve("dev/vda"));
        Files.createFile(root.resolve("dev/vda2"));
        Files.createSymbolicLink(dev.resolve("root"), root.resolve("dev/vda2"));
        devices = new KernelBlockDevices(root);
    }

    @Test
    void findsTheSectorSizeOfADiskAndOfAPartitionOnIt() throws IOException {
        assertEquals(4096, devices.sectorSizeBytes(root.resolve("dev/vda")));
        assertEquals(4096, devices.sectorSizeBytes(root.resolve("dev/vda2")));
        assertEquals(4096, devices.sectorSizeBytes(root.resolve("dev/disk/root")));
    }

    @Test
    void namesWhatStandsOnAPartition() throws IOException {
        assertEquals(List.of(), devices.holders(root.resolve("dev/vda")));
        assertEquals(List.of("dm-0"), devices.holders(root.resolve("dev/disk/root")));
    }

    @Test
    void refusesASectorSizeThatItDoesNotKnow() throws IOException {
        Files.writeString(
                root.resolve("sys/devices/pci0/block/vda/queue/logical_block_size"), "520\n");
        assertThrows(IOException.class, () -> devices.sectorSizeBytes(root.resolve("dev/vda")));
    }
}
