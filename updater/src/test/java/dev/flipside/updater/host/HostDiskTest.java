package dev.flipside.updater.host;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.PartitionTypes;
import dev.flipside.platform.KernelBlockDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostDiskTest {
    @TempDir Path folder;

    /** As under a root that dm-verity has opened: its partitions are never written. */
    @ParameterizedTest
    @CsvSource({"sda, sda3", "nvme0n1, nvme0n1p3"})
    void opensNoPartitionThatSomethingStandsOn(String disk, String partition) throws Exception {
        Path device = device(disk, partition);
        Path holders =
                Files.createDirectories(
                        folder.resolve("sys/class/block").resolve(partition).resolve("holders"));
        assertFalse(refusal(device).contains("dm-0"), "nothing stands on it yet");
        Files.createDirectory(holders.resolve("dm-0"));
        String refusal = refusal(device);
        assertTrue(refusal.contains(partition) && refusal.contains("dm-0"), refusal);
    }

    @Test
    void opensAFileThatStandsForADisk() throws Exception {
        Path file = Files.write(folder.resolve("disk.raw"), new byte[16_384]);
        new HostDisk(file, new KernelBlockDevices(folder)).openForWriting(List.of()).close();
    }

    /** The disk is a folder, so that it can be opened in no case, and is no file either. */
    private String refusal(Path device) {
        HostDisk disk = new HostDisk(device, new KernelBlockDevices(folder));
        Partition third =
                new Partition(3, PartitionTypes.LINUX_DATA, new UUID(1, 2), "x", 34, 99, 0);
        IOException e = assertThrows(IOException.class, () -> disk.openForWriting(List.of(third)));
        return e.toString();
    }

    private Path device(String disk, String partition) throws IOException {
        Path device = Files.createDirectories(folder.resolve("dev").resolve(disk));
        Files.createFile(folder.resolve("dev").resolve(partition));
        return device;
    }
}
