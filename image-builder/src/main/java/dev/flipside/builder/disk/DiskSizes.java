package dev.flipside.builder.disk;

import java.util.OptionalLong;

/**
 * How large a new disk and its partitions are; all of them whole mebibytes.
 *
 * @param diskBytes of the whole; empty for 8 GiB, or for just enough where {@code varBytes} is
 *     given
 * @param slotBytes of a slot's data partition
 * @param hashBytes of a slot's hash partition; empty for what the hash tree of a full slot needs
 * @param varBytes of {@code var}; empty for what is left
 */
public record DiskSizes(
        OptionalLong diskBytes,
        long slotBytes,
        OptionalLong hashBytes,
        long espBytes,
        OptionalLong varBytes) {

    public static final long DEFAULT_DISK_BYTES = 8L << 30;
    public static final long DEFAULT_SLOT_BYTES = 1L << 30;
    public static final long DEFAULT_ESP_BYTES = 512L << 20;

    /** All sizes are multiples of this, so that partitions are aligned. */
    public static final long ALIGNMENT_BYTES = 1L << 20;

    /** Sizes of which two follow from the others. */
    public static DiskSizes of(long diskBytes, long slotBytes, long espBytes) {
        return new DiskSizes(
                OptionalLong.of(diskBytes),
                slotBytes,
                OptionalLong.empty(),
                espBytes,
                OptionalLong.empty());
    }
}
