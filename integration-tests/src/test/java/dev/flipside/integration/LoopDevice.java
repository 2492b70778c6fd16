package dev.flipside.integration;

import java.nio.file.Path;
import java.util.List;

/** A file that Linux serves as a disk; needs root. */
final class LoopDevice implements AutoCloseable {
    private final Path path;

    LoopDevice(Path file, int sectorSizeBytes) {
        this(Tools.find("losetup").check("-b", sectorSizeBytes, "-f", "--show", file));
    }

    private LoopDevice(String path) {
        this.path = Path.of(path.strip());
    }

    /** A disk whose partitions are devices, too. */
    static LoopDevice withPartitions(Path file, int sectorSizeBytes) {
        LoopDevice device =
                new LoopDevice(
                        Tools.find("losetup")
                                .check("-P", "-b", sectorSizeBytes, "-f", "--show", file));
        // Not every kernel here knows GPT.
        Tools.find("partx").check("--update", device.path());
        return device;
    }

    Path path() {
        return path;
    }

    /** What libblkid finds: each partition's number, and its start and size in bytes. */
    List<String> partitions() {
        // It counts sectors of 512 bytes, whatever the disk's are; not every kernel here knows GPT.
        String found =
                Tools.find("partx").check("--raw", "--noheadings", "-o", "NR,START,SECTORS", path);
        return found.lines()
                .map(line -> line.split(" "))
                .map(
                        fields ->
                                "%s %d %d"
                                        .formatted(
                                                fields[0],
                                                Long.parseLong(fields[1]) * 512,
                                                Long.parseLong(fields[2]) * 512))
                .toList();
    }

    @Override
    public void close() {
        Tools.find("losetup").check("-d", path);
    }
}
