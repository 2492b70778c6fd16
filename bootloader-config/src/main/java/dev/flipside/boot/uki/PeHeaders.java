package dev.flipside.boot.uki;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The headers of a PE32+ image (Microsoft PE/COFF specification): DOS header with the offset of the
 * PE header at 60; {@code PE\0\0}, COFF header of 20 bytes, optional header, section table of 40
 * bytes an entry. All numbers are little-endian.
 *
 * <p>Invariant: every offset kept here is within the headers or the file.
 *
 * @param bytes the file from its start to the end of the section table
 * @param coffOffset of the COFF header, after the signature
 */
record PeHeaders(ByteBuffer bytes, int coffOffset, List<PeSection> sections) {
    static final int SECTION_HEADER_BYTES = 40;
    static final int MAX_SECTIONS = 96;

    /** The index of the directory that names the attribute certificates. */
    static final int CERTIFICATES = 4;

    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final int DOS_HEADER_BYTES = 64;
    private static final int COFF_HEADER_BYTES = 20;
    private static final int MIN_OPTIONAL_HEADER_BYTES = 112;
    private static final short PE32_PLUS = 0x20b;

    /**
     * Reads the headers of a file.
     *
     * @param what names the file in the failure
     * @throws FlipsideException {@code uki-malformed} for all but a well-formed image
     */
    static PeHeaders read(RandomAccess file, String what) throws IOException, FlipsideException {
        int length = (int) Math.min(file.sizeBytes(), MAX_HEADER_BYTES);
        ByteBuffer head = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.read(head, 0);
        check(length >= DOS_HEADER_BYTES && head.getShort(0) == 0x5a4d, what, "an EFI image");
        int pe = head.getInt(60);
        int fixed = 4 + COFF_HEADER_BYTES + MIN_OPTIONAL_HEADER_BYTES;
        check(
                pe >= DOS_HEADER_BYTES && pe <= length - fixed && head.getInt(pe) == 0x4550,
                what,
                "a PE header in the first 64 KiB");
        int coff = pe + 4;
        check(head.getShort(coff + COFF_HEADER_BYTES) == PE32_PLUS, what, "a 64-bit image (PE32+)");
        int table = sectionTable(head, coff);
        int count = Short.toUnsignedInt(head.getShort(coff + 2));
        check(
                count >= 1
                        && count <= MAX_SECTIONS
                        && table <= length - count * SECTION_HEADER_BYTES,
                what,
                "1 to " + MAX_SECTIONS + " sections in the first 64 KiB");
        ByteBuffer kept =
                head.slice(0, table + count * SECTION_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return new PeHeaders(kept, coff, sections(kept, table, count, file.sizeBytes(), what));
    }

    short machine() {
        return bytes.getShort(coffOffset);
    }

    int sectionTableOffset() {
        return sectionTable(bytes, coffOffset);
    }

    int optionalOffset() {
        return coffOffset + COFF_HEADER_BYTES;
    }

    long sectionAlignment() {
        return Integer.toUnsignedLong(bytes.getInt(optionalOffset() + 32));
    }

    long fileAlignment() {
        return Integer.toUnsignedLong(bytes.getInt(optionalOffset() + 36));
    }

    long sizeOfImage() {
        return Integer.toUnsignedLong(bytes.getInt(optionalOffset() + 56));
    }

    long sizeOfHeaders() {
        return Integer.toUnsignedLong(bytes.getInt(optionalOffset() + 60));
    }

    /** Whether the directory with this index is there and not empty. */
    boolean hasDirectory(int index) {
        return hasEntryOf(index) && bytes.getLong(directoryOffset(index)) != 0;
    }

    /** Whether the header has an entry of 8 bytes for the directory with this index. */
    boolean hasEntryOf(int index) {
        int count = bytes.getInt(optionalOffset() + 108);
        return Integer.compareUnsigned(index, count) < 0
                && directoryOffset(index) + 8 <= sectionTableOffset();
    }

    /** Where the entry of a directory is: an address of 4 bytes, and a size of 4 bytes. */
    int directoryOffset(int index) {
        return optionalOffset() + MIN_OPTIONAL_HEADER_BYTES + index * 8;
    }

    /** Where the checksum is, 4 bytes. */
    int checksumOffset() {
        return optionalOffset() + 64;
    }

    static FlipsideException malformed(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.UKI_MALFORMED, what, expected, found, "build or fetch the file again");
    }

    private static int sectionTable(ByteBuffer head, int coff) {
        return coff + COFF_HEADER_BYTES + Short.toUnsignedInt(head.getShort(coff + 16));
    }

    private static List<PeSection> sections(
            ByteBuffer head, int table, int count, long fileSizeBytes, String what)
            throws FlipsideException {
        List<PeSection> sections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = table + i * SECTION_HEADER_BYTES;
            PeSection section =
                    new PeSection(
                            name(head, at),
                            Integer.toUnsignedLong(head.getInt(at + 8)),
                            Integer.toUnsignedLong(head.getInt(at + 12)),
                            Integer.toUnsignedLong(head.getInt(at + 16)),
                            Integer.toUnsignedLong(head.getInt(at + 20)),
                            head.getInt(at + 36));
            if (section.fileSizeBytes() != 0
                    && section.fileOffset() > fileSizeBytes - section.fileSizeBytes()) {
                throw malformed(
                        what,
                        "section '%s' within %d bytes".formatted(section.name(), fileSizeBytes),
                        "other bytes");
            }
            sections.add(section);
        }
        return List.copyOf(sections);
    }

    private static String name(ByteBuffer head, int at) {
        byte[] name = new byte[8];
        head.get(at, name);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static void check(boolean holds, String what, String expected)
            throws FlipsideException {
        if (!holds) {
            throw malformed(what, expected, "other bytes");
        }
    }
}
