package dev.flipside.builder.disk;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What disk to make.
 *
 * @param release the folder of a release
 * @param out a file that does not exist
 * @param sectorSizeBytes 512 or 4096
 * @param loader systemd-boot; empty to take it from the image
 */
public record DiskRequest(
        Path release,
        Path out,
        DiskFormat format,
        DiskSizes sizes,
        int sectorSizeBytes,
        Optional<Path> loader) {

    public static final int DEFAULT_SECTOR_SIZE_BYTES = 512;
}
