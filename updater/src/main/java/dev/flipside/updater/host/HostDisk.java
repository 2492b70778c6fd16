package dev.flipside.updater.host;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.platform.KernelBlockDevices;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A real disk, or a file that stands for one. */
public final class HostDisk implements DiskAccess {
    private static final int LARGE_SECTOR_BYTES = 4096;
    private static final byte[] GPT_SIGNATURE = "EFI PART".getBytes(StandardCharsets.US_ASCII);

    private final Path path;
    private final KernelBlockDevices kernel;

    public HostDisk(Path path) {
        this(path, KernelBlockDevices.ofThisMachine());
    }

    HostDisk(Path path, KernelBlockDevices kernel) {
        this.path = path;
        this.kernel = kernel;
    }

    @Override
    public BlockDevice openForReading() throws IOException {
        return isFile()
                ? FileBlockDevice.openForReading(path, fileSectorSizeBytes())
                : FileBlockDevice.openForReading(path);
    }

    @Override
    public BlockDevice openForWriting(List<Partition> partitions) throws IOException {
        if (isFile()) {
            return FileBlockDevice.openForWriting(path, fileSectorSizeBytes());
        }
        for (Partition partition : partitions) {
            Path device = device(partition);
            List<String> holders = kernel.holders(device);
            if (!holders.isEmpty()) {
                throw new FileSystemException(
                        device.toString(),
                        null,
                        "expected a partition that nothing uses, found it under "
                                + String.join(", ", holders));
            }
        }
        return FileBlockDevice.openForWriting(path);
    }

    private boolean isFile() {
        return Files.isRegularFile(path);
    }

    /** A file has no sector size of its own: its table is where that of such a disk is. */
    private int fileSectorSizeBytes() throws IOException {
        try (BlockDevice device =
                FileBlockDevice.openForReading(path, FileBlockDevice.FILE_SECTOR_SIZE_BYTES)) {
            ByteBuffer signature = ByteBuffer.allocate(GPT_SIGNATURE.length);
            if (device.sizeBytes() >= 2 * LARGE_SECTOR_BYTES) {
                device.read(signature, LARGE_SECTOR_BYTES);
            }
            return java.util.Arrays.equals(signature.array(), GPT_SIGNATURE)
                    ? LARGE_SECTOR_BYTES
                    : FileBlockDevice.FILE_SECTOR_SIZE_BYTES;
        }
    }

    public Path path() {
        return path;
    }

    /** The size of a partition by the table, in bytes. */
    public long sizeBytes(Partition partition) throws IOException {
        return partition.sizeBytes(kernel.sectorSizeBytes(path));
    }

    /** The size that the kernel gives a partition, in bytes. */
    public long kernelSizeBytes(Partition partition) throws IOException {
        return kernel.sizeBytes(device(partition));
    }

    /** Where a partition is mounted first, if it is. */
    public Optional<Path> mountPoint(Partition partition) throws IOException, FlipsideException {
        String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        return MountTable.parse(mounts).mountPointOf(kernel.number(device(partition)));
    }

    /** As Linux names partitions: {@code sda3}, {@code nvme0n1p3}. */
    public Path device(Partition partition) throws IOException {
        Path real = path.toRealPath();
        String name = String.valueOf(real.getFileName());
        String separator = Character.isDigit(name.charAt(name.length() - 1)) ? "p" : "";
        return real.resolveSibling(name + separator + partition.number());
    }
}
