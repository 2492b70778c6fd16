package dev.flipside.builder.disk;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What disk to make.
 *
 * @param release the folder of a release
 * @param out a file that does not exist
 * @param sizeBytes of the whole disk
 * @param slotSizeBytes of a slot's data partition; its hash partition follows from that
 * @param sectorSizeBytes 512 or 4096
 * @param loader systemd-boot; empty to take it from the image
 */
public record DiskRequest(
        Path release,
        Path out,
        long sizeBytes,
        long slotSizeBytes,
        long espSizeBytes,
        int sectorSizeBytes,
        Optional<Path> loader) {

    public static final long DEFAULT_SIZE_BYTES = 8L << 30;
    public static final long DEFAULT_SLOT_SIZE_BYTES = 1L << 30;
    public static final long DEFAULT_ESP_SIZE_BYTES = 512L << 20;
    public static final int DEFAULT_SECTOR_SIZE_BYTES = 512;

    /** All sizes but the disk's are multiples of this, so that partitions are aligned. */
    public static final long ALIGNMENT_BYTES = 1L << 20;
}
