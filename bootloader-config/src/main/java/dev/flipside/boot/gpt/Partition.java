package dev.flipside.boot.gpt;

import java.util.Objects;
import java.util.UUID;

/**
 * One used entry of a GUID partition table (UEFI 2.10, 5.3.3).
 *
 * @param number the position in the table, from 1, as Linux numbers partitions
 * @param name up to 36 UTF-16 code units without NUL
 * @param firstLba the first sector
 * @param lastLba the last sector, which belongs to the partition too
 * @param attributes bits 0-2 as UEFI defines them, 48-63 as the type does
 */
public record Partition(
        int number,
        UUID type,
        UUID uuid,
        String name,
        long firstLba,
        long lastLba,
        long attributes) {

    /** UAPI.2: the contents do not change. */
    public static final long READ_ONLY = 1L << 60;

    /** UAPI.2: nothing uses the partition by itself. */
    public static final long NO_AUTO = 1L << 63;

    /** UAPI.2: the file system grows to the partition's size when it is mounted. */
    public static final long GROW_FILE_SYSTEM = 1L << 59;

    static final int MAX_NAME_LENGTH = 36;

    private static final UUID UNUSED = new UUID(0, 0);

    public Partition {
        Objects.requireNonNull(uuid);
        if (type.equals(UNUSED)) {
            throw new IllegalArgumentException("the type of an unused entry");
        }
        if (name.length() > MAX_NAME_LENGTH || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("partition name '%s'".formatted(name));
        }
        if (number < 1 || firstLba < 0 || lastLba < firstLba) {
            throw new IllegalArgumentException(
                    "partition %d from %d to %d".formatted(number, firstLba, lastLba));
        }
    }

    public long sectors() {
        return lastLba - firstLba + 1;
    }

    public long offsetBytes(int sectorSizeBytes) {
        return firstLba * sectorSizeBytes;
    }

    public long sizeBytes(int sectorSizeBytes) {
        return sectors() * sectorSizeBytes;
    }

    /** Whether {@link #NO_AUTO} is set. */
    public boolean noAuto() {
        return (attributes & NO_AUTO) != 0;
    }

    /** Whether {@link #GROW_FILE_SYSTEM} is set. */
    public boolean growsFileSystem() {
        return (attributes & GROW_FILE_SYSTEM) != 0;
    }

    /** The same partition, whose file system is to grow. */
    public Partition toBeFilled() {
        return attributed(attributes | GROW_FILE_SYSTEM);
    }

    /** The same partition, with a file system of its size. */
    public Partition filled() {
        return attributed(attributes & ~(NO_AUTO | GROW_FILE_SYSTEM));
    }

    private Partition attributed(long newAttributes) {
        return new Partition(number, type, uuid, name, firstLba, lastLba, newAttributes);
    }

    /** The same partition with another end. */
    public Partition upTo(long newLastLba) {
        return new Partition(number, type, uuid, name, firstLba, newLastLba, attributes);
    }

    /** The same place under another name and UUID. */
    public Partition identified(UUID newUuid, String newName) {
        return new Partition(number, type, newUuid, newName, firstLba, lastLba, attributes);
    }
}
