package dev.flipside.boot.gpt;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * A GUID partition table (UEFI 2.10, 5.3), as both of its copies hold it.
 *
 * <p>Invariant: partitions are within the usable sectors, do not overlap, and have distinct numbers
 * up to {@link #entryCount}, in ascending order.
 *
 * @param sectorSizeBytes 512 or 4096
 * @param sectors the length of the disk that the table describes: its backup header is in the last
 *     of these. A disk that has grown since has more
 */
public record Gpt(
        UUID diskGuid,
        int sectorSizeBytes,
        long sectors,
        long firstUsableLba,
        long lastUsableLba,
        int entryCount,
        List<Partition> partitions) {

    /** The number of entries that every tool expects, and that a new table has. */
    public static final int DEFAULT_ENTRIES = 128;

    public Gpt {
        Objects.requireNonNull(diskGuid);
        partitions = List.copyOf(partitions);
        if (sectorSizeBytes != 512 && sectorSizeBytes != 4096) {
            throw new IllegalArgumentException("sectors of %d bytes".formatted(sectorSizeBytes));
        }
        int previous = 0;
        for (Partition partition : partitions) {
            if (partition.number() <= previous || partition.number() > entryCount) {
                throw new IllegalArgumentException(
                        "partition number %d".formatted(partition.number()));
            }
            previous = partition.number();
        }
        Optional<String> problem = GptEntries.problem(partitions, firstUsableLba, lastUsableLba);
        if (problem.isPresent()) {
            throw new IllegalArgumentException(problem.get());
        }
    }

    /** A table without partitions for a disk of this size. */
    public static Gpt empty(UUID diskGuid, int sectorSizeBytes, long sectors) {
        long entrySectors = GptHeader.sectorsOf(DEFAULT_ENTRIES, sectorSizeBytes);
        long firstUsableLba = 2 + entrySectors;
        long lastUsableLba = sectors - 2 - entrySectors;
        if (lastUsableLba < firstUsableLba) {
            throw new IllegalArgumentException("a disk of %d sectors".formatted(sectors));
        }
        return new Gpt(
                diskGuid,
                sectorSizeBytes,
                sectors,
                firstUsableLba,
                lastUsableLba,
                DEFAULT_ENTRIES,
                List.of());
    }

    /**
     * Reads the table of a disk: the primary copy, or the backup when that one cannot be trusted.
     *
     * @throws FlipsideException {@code gpt-malformed} when neither copy can be trusted
     */
    public static GptOnDisk read(BlockDevice device) throws IOException, FlipsideException {
        return GptOnDisk.read(device);
    }

    public Gpt withPartitions(List<Partition> newPartitions) {
        return new Gpt(
                diskGuid,
                sectorSizeBytes,
                sectors,
                firstUsableLba,
                lastUsableLba,
                entryCount,
                newPartitions);
    }

    /**
     * The same partitions on a disk that has grown: the backup is at its new end, and what is
     * before that can be used.
     */
    public Gpt onDiskOf(long newSectors) {
        if (newSectors < sectors) {
            throw new IllegalArgumentException(
                    "a disk of %d sectors that shrinks to %d".formatted(sectors, newSectors));
        }
        long entrySectors = GptHeader.sectorsOf(entryCount, sectorSizeBytes);
        return new Gpt(
                diskGuid,
                sectorSizeBytes,
                newSectors,
                firstUsableLba,
                newSectors - 2 - entrySectors,
                entryCount,
                partitions);
    }

    /** The same table, in which each of these takes the place of the partition with its number. */
    public Gpt replacing(List<Partition> replacements) {
        List<Partition> result = new ArrayList<>(partitions);
        for (Partition replacement : replacements) {
            result.set(indexOf(replacement.number()), replacement);
        }
        return withPartitions(result);
    }

    /**
     * Puts the table on the disk: the backup copy, a flush, the primary copy, a flush. So one whole
     * copy, of the old table or of the new one, stands there at any moment.
     */
    public void write(BlockDevice device) throws IOException {
        checkFits(device);
        writeCopy(device, backupHeader());
        device.flush();
        writeCopy(device, primaryHeader());
        device.flush();
    }

    /** Only the copy at the start, for a disk whose backup says the same. */
    void writePrimary(BlockDevice device) throws IOException {
        checkFits(device);
        writeCopy(device, primaryHeader());
        device.flush();
    }

    /**
     * Has a protective MBR speak of the whole disk (UEFI 2.10, 5.2.3). Its boot code stays, and an
     * MBR of another kind stays as it is.
     */
    public void stretchProtectiveMbr(BlockDevice device) throws IOException {
        checkFits(device);
        ByteBuffer mbr = ByteBuffer.allocate(sectorSizeBytes);
        device.read(mbr, 0);
        Optional<ByteBuffer> stretched = ProtectiveMbr.stretched(mbr.rewind(), sectors);
        if (stretched.isPresent()) {
            device.write(stretched.get(), 0);
            device.flush();
        }
    }

    /** As {@link #write}, on a new disk: after the protective MBR (UEFI 2.10, 5.2.3). */
    public void create(BlockDevice device) throws IOException {
        checkFits(device);
        device.write(ProtectiveMbr.encode(sectors, sectorSizeBytes), 0);
        write(device);
    }

    private int indexOf(int number) {
        for (int i = 0; i < partitions.size(); i++) {
            if (partitions.get(i).number() == number) {
                return i;
            }
        }
        throw new IllegalArgumentException("no partition %d".formatted(number));
    }

    private void checkFits(BlockDevice device) {
        if (device.sectorSizeBytes() != sectorSizeBytes
                || device.sizeBytes() / sectorSizeBytes < sectors) {
            throw new IllegalArgumentException(
                    "a table of %d sectors of %d bytes for a device of %d bytes"
                            .formatted(sectors, sectorSizeBytes, device.sizeBytes()));
        }
    }

    private void writeCopy(BlockDevice device, GptHeader header) throws IOException {
        ByteBuffer entries = GptEntries.encode(partitions, entryCount);
        device.write(entries, header.entriesLba() * sectorSizeBytes);
        device.write(header.encode(sectorSizeBytes), header.ownLba() * sectorSizeBytes);
    }

    private GptHeader primaryHeader() {
        return header(1, sectors - 1, 2);
    }

    private GptHeader backupHeader() {
        return header(
                sectors - 1, 1, sectors - 1 - GptHeader.sectorsOf(entryCount, sectorSizeBytes));
    }

    private GptHeader header(long ownLba, long otherLba, long entriesLba) {
        return new GptHeader(
                ownLba,
                otherLba,
                firstUsableLba,
                lastUsableLba,
                diskGuid,
                entriesLba,
                entryCount,
                GptHeader.crc(GptEntries.encode(partitions, entryCount)));
    }
}
