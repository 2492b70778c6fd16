package dev.flipside.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the kernel says about its block devices in {@code /sys/class/block} (Linux,
 * Documentation/ABI/stable/sysfs-block).
 */
public final class KernelBlockDevices {
    private static final int MAX_ATTRIBUTE_BYTES = 4096;

    /** sysfs counts in these whatever the disk's sectors are. */
    private static final long UNIT_BYTES = 512;

    private final Path sysClassBlock;

    /**
     * @param systemRoot the folder that holds {@code sys}; {@code /} on a real host
     */
    public KernelBlockDevices(Path systemRoot) {
        this.sysClassBlock = systemRoot.resolve("sys/class/block");
    }

    public static KernelBlockDevices ofThisMachine() {
        return new KernelBlockDevices(Path.of("/"));
    }

    /** The logical sector size of a disk, or of the disk that a partition is on. */
    public int sectorSizeBytes(Path device) throws IOException {
        Path folder = folderOf(device);
        Path ofDisk = folder.resolve("queue/logical_block_size");
        Path attribute =
                Files.exists(ofDisk)
                        ? ofDisk
                        : folder.resolveSibling("queue").resolve("logical_block_size");
        String text = attribute(attribute);
        return switch (text) {
            case "512" -> 512;
            case "4096" -> 4096;
            default ->
                    throw new FileSystemException(
                            device.toString(),
                            null,
                            "expected a sector size of 512 or 4096, found " + text);
        };
    }

    /** What mount tables call a device: {@code MAJOR:MINOR}. */
    public String number(Path device) throws IOException {
        return attribute(folderOf(device).resolve("dev"));
    }

    /** The size of a disk or a partition. */
    public long sizeBytes(Path device) throws IOException {
        String text = attribute(folderOf(device).resolve("size"));
        if (!text.matches("[0-9]{1,15}")) {
            throw new FileSystemException(
                    device.toString(), null, "expected a size in sectors, found " + text);
        }
        return Long.parseLong(text) * UNIT_BYTES;
    }

    /**
     * The kernel names of the devices that stand on this one (device-mapper, md), sorted. A
     * partition may be written only when this is empty.
     */
    public List<String> holders(Path device) throws IOException {
        Path holders = folderOf(device).resolve("holders");
        if (!Files.isDirectory(holders)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(holders)) {
            return names.map(name -> name.getFileName().toString()).sorted().toList();
        }
    }

    private Path folderOf(Path device) throws IOException {
        // The name under /dev may be a link (/dev/mapper, /dev/disk); sysfs knows the real one.
        Path real = device.toRealPath();
        return sysClassBlock.resolve(real.getFileName()).toRealPath();
    }

    private static String attribute(Path path) throws IOException {
        try (var in = Files.newInputStream(path)) {
            return new String(in.readNBytes(MAX_ATTRIBUTE_BYTES), StandardCharsets.US_ASCII)
                    .strip();
        }
    }
}
