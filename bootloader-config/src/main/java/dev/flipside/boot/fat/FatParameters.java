package dev.flipside.boot.fat;

import java.time.Instant;

/**
 * What a new file system is to be like; nothing is taken from the clock or made up.
 *
 * @param sizeBytes of the partition
 * @param sectorSizeBytes 512 or 4096
 * @param startSectors of the disk before the partition, which the boot sector repeats
 * @param serial the volume's serial number
 * @param label up to 11 upper-case characters
 * @param time of every file and folder, kept in UTC; FAT knows 1980 to 2107, in steps of two
 *     seconds
 */
public record FatParameters(
        long sizeBytes,
        int sectorSizeBytes,
        long startSectors,
        int serial,
        String label,
        Instant time) {
    private static final int MAX_LABEL_LENGTH = 11;

    public FatParameters {
        if (sectorSizeBytes != 512 && sectorSizeBytes != 4096) {
            throw new IllegalArgumentException("sectors of %d bytes".formatted(sectorSizeBytes));
        }
        if (label.isEmpty()
                || label.length() > MAX_LABEL_LENGTH
                || !label.matches("[A-Z0-9_-][A-Z0-9_ -]*")) {
            throw new IllegalArgumentException("label '%s'".formatted(label));
        }
    }
}
