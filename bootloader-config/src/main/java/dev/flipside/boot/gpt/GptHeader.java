package dev.flipside.boot.gpt;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * One of the two headers of a table (UEFI 2.10, 5.3.2). Little-endian: 0 {@code EFI PART}, 8
 * revision, 12 header size, 16 CRC32 of the header with this field zero, 24 own LBA, 32 the other
 * header's LBA, 40 first and 48 last usable LBA, 56 disk GUID, 72 LBA of the entries, 80 number of
 * entries, 84 size of an entry, 88 CRC32 of the entries; the rest of the sector is zero.
 */
record GptHeader(
        long ownLba,
        long otherLba,
        long firstUsableLba,
        long lastUsableLba,
        UUID diskGuid,
        long entriesLba,
        int entryCount,
        int entriesCrc) {

    static final int ENTRY_SIZE_BYTES = 128;
    static final int MAX_ENTRIES = 1024;

    private static final long SIGNATURE = 0x5452415020494645L;
    private static final int REVISION = 0x0001_0000;
    private static final int HEADER_SIZE_BYTES = 92;
    private static final int CRC_OFFSET = 16;

    ByteBuffer encode(int sectorSizeBytes) {
        ByteBuffer sector = ByteBuffer.allocate(sectorSizeBytes).order(ByteOrder.LITTLE_ENDIAN);
        sector.putLong(0, SIGNATURE)
                .putInt(8, REVISION)
                .putInt(12, HEADER_SIZE_BYTES)
                .putLong(24, ownLba)
                .putLong(32, otherLba)
                .putLong(40, firstUsableLba)
                .putLong(48, lastUsableLba)
                .putLong(72, entriesLba)
                .putInt(80, entryCount)
                .putInt(84, ENTRY_SIZE_BYTES)
                .putInt(88, entriesCrc);
        Guids.write(sector, 56, diskGuid);
        sector.putInt(CRC_OFFSET, crc(sector.slice(0, HEADER_SIZE_BYTES)));
        return sector;
    }

    /**
     * Reads the header that stands at {@code expectedLba} of a device.
     *
     * @throws FlipsideException {@code gpt-malformed} for all but a header that can be followed
     *     safely
     */
    static GptHeader decode(ByteBuffer sector, long expectedLba, long deviceSectors)
            throws FlipsideException {
        ByteBuffer in = sector.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (in.getLong(0) != SIGNATURE) {
            throw malformed("the signature 'EFI PART'", "another");
        }
        if (in.getInt(8) != REVISION) {
            throw malformed("revision 1.0", "0x%08x".formatted(in.getInt(8)));
        }
        int size = in.getInt(12);
        if (size < HEADER_SIZE_BYTES || size > sector.capacity()) {
            throw malformed(
                    "a header of %d to %d bytes".formatted(HEADER_SIZE_BYTES, sector.capacity()),
                    Integer.toUnsignedString(size));
        }
        checkCrc(in, size);
        int entrySize = in.getInt(84);
        if (entrySize != ENTRY_SIZE_BYTES) {
            throw malformed("entries of 128 bytes", Integer.toUnsignedString(entrySize));
        }
        GptHeader header =
                new GptHeader(
                        in.getLong(24),
                        in.getLong(32),
                        in.getLong(40),
                        in.getLong(48),
                        Guids.read(in, 56),
                        in.getLong(72),
                        in.getInt(80),
                        in.getInt(88));
        header.checkPlaces(expectedLba, deviceSectors, sector.capacity());
        return header;
    }

    boolean isPrimary() {
        return ownLba < otherLba;
    }

    int entriesSizeBytes() {
        return entryCount * ENTRY_SIZE_BYTES;
    }

    static long sectorsOf(int entryCount, int sectorSizeBytes) {
        return Math.ceilDiv(entryCount * ENTRY_SIZE_BYTES, sectorSizeBytes);
    }

    static int crc(ByteBuffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    private static void checkCrc(ByteBuffer in, int size) throws FlipsideException {
        ByteBuffer header = ByteBuffer.allocate(size);
        header.put(0, in, 0, size);
        header.order(ByteOrder.LITTLE_ENDIAN).putInt(CRC_OFFSET, 0);
        int found = crc(header);
        if (found != in.getInt(CRC_OFFSET)) {
            throw malformed(
                    "header CRC 0x%08x".formatted(in.getInt(CRC_OFFSET)),
                    "0x%08x".formatted(found));
        }
    }

    private void checkPlaces(long expectedLba, long deviceSectors, int sectorSizeBytes)
            throws FlipsideException {
        if (ownLba != expectedLba) {
            throw malformed("a header for LBA " + expectedLba, "for LBA " + ownLba);
        }
        if (entryCount < 1 || entryCount > MAX_ENTRIES) {
            throw malformed(
                    "1 to %d entries".formatted(MAX_ENTRIES), Integer.toUnsignedString(entryCount));
        }
        if (otherLba < 1 || otherLba >= deviceSectors || otherLba == ownLba) {
            throw malformed(
                    "the other header within %d sectors".formatted(deviceSectors),
                    "at LBA " + Long.toUnsignedString(otherLba));
        }
        long primaryLba = Math.min(ownLba, otherLba);
        long backupLba = Math.max(ownLba, otherLba);
        if (primaryLba != 1) {
            throw malformed("a primary header at LBA 1", "at LBA " + primaryLba);
        }
        long entrySectors = sectorsOf(entryCount, sectorSizeBytes);
        if (firstUsableLba < 2 + entrySectors
                || firstUsableLba > lastUsableLba
                || lastUsableLba >= backupLba - entrySectors) {
            throw malformed(
                    "usable sectors between the two copies of the entries",
                    "LBA %s to %s"
                            .formatted(
                                    Long.toUnsignedString(firstUsableLba),
                                    Long.toUnsignedString(lastUsableLba)));
        }
        long firstEntriesLba = isPrimary() ? 2 : lastUsableLba + 1;
        long endEntriesLba = isPrimary() ? firstUsableLba : backupLba;
        if (entriesLba < firstEntriesLba
                || entriesLba >= endEntriesLba
                || endEntriesLba - entriesLba < entrySectors) {
            throw malformed(
                    "entries between the header and the usable sectors",
                    "at LBA " + Long.toUnsignedString(entriesLba));
        }
    }

    static FlipsideException malformed(String expected, String found) {
        return new FlipsideException(
                FailureCode.GPT_MALFORMED,
                "partition table",
                expected,
                found,
                "restore the table from its backup, or write the disk again");
    }
}
