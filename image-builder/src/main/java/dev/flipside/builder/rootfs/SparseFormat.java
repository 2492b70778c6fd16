package dev.flipside.builder.rootfs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The four ways in which archives say which parts of a file they hold (GNU tar's manual, "Sparse
 * Formats"): in the header and records after it (old GNU, type {@code S}), and in pax headers of
 * GNU's versions 0.0, 0.1, and 1.0, whose map stands before the data.
 */
enum SparseFormat {
    OLD_GNU,
    PAX_0,
    PAX_1;

    private static final ByteString GNU_MAGIC = ByteString.utf8("ustar  \0");
    private static final int MAP_OFFSET = 386;
    private static final int MAP_PARTS = 4;
    private static final int EXTENDED_OFFSET = 482;
    private static final int REAL_SIZE_OFFSET = 483;
    private static final int EXTENSION_PARTS = 21;
    private static final int EXTENSION_EXTENDED_OFFSET = 504;
    private static final int NUMBER_BYTES = 12;

    /** Digits of 2^63, and a few zeros. */
    private static final int MAX_DIGITS = 32;

    /** None for a file that has all its bytes in the archive. */
    static Optional<SparseFormat> of(
            byte[] record, char type, PaxRecords pax, ByteString path, TarRefusal refusal)
            throws FlipsideException {
        if (type == 'S') {
            ByteString magic = ByteString.of(record, 257, 257 + GNU_MAGIC.length());
            if (!magic.equals(GNU_MAGIC)) {
                throw unsupported(path, "a sparse file of star", refusal);
            }
            return Optional.of(OLD_GNU);
        }
        Optional<Long> major = pax.number("GNU.sparse.major", refusal);
        Optional<Long> minor = pax.number("GNU.sparse.minor", refusal);
        if (major.isEmpty() && minor.isEmpty()) {
            return pax.value("GNU.sparse.size").map(_ -> PAX_0);
        }
        long version = major.orElse(0L) * 1000 + minor.orElse(0L);
        if (version == 1000) {
            return Optional.of(PAX_1);
        }
        if (version > 1) {
            throw unsupported(
                    path, "GNU.sparse " + major.orElse(0L) + "." + minor.orElse(0L), refusal);
        }
        return Optional.of(PAX_0);
    }

    /** The size of the file with its holes. */
    long fileBytes(byte[] record, PaxRecords pax, ByteString path, TarRefusal refusal)
            throws FlipsideException {
        Optional<Long> size =
                switch (this) {
                    case OLD_GNU ->
                            Optional.of(number(record, REAL_SIZE_OFFSET, refusal))
                                    .filter(bytes -> bytes >= 0);
                    case PAX_0 -> pax.number("GNU.sparse.size", refusal);
                    case PAX_1 -> pax.number("GNU.sparse.realsize", refusal);
                };
        return size.orElseThrow(
                () -> refusal.malformed(where(path), "the size of the file", "none"));
    }

    /**
     * Reads the map.
     *
     * @param in stands after the header; afterwards at the first part
     */
    SparseMap map(TarEntry entry, byte[] record, PaxRecords pax, InputStream in, TarRefusal refusal)
            throws IOException, FlipsideException {
        SparseMap map = new SparseMap(entry.fileBytes());
        String where = where(entry.path());
        switch (this) {
            case OLD_GNU -> readOldGnu(map, record, in, where, refusal);
            case PAX_0 -> readPax0(map, pax, where, refusal);
            case PAX_1 -> readPax1(map, in, where, refusal);
        }
        return map;
    }

    private static void readOldGnu(
            SparseMap map, byte[] header, InputStream in, String where, TarRefusal refusal)
            throws IOException, FlipsideException {
        readParts(map, header, MAP_OFFSET, MAP_PARTS, where, refusal);
        boolean more = header[EXTENDED_OFFSET] != 0;
        while (more) {
            byte[] record = in.readNBytes(TarHeader.RECORD_BYTES);
            if (record.length < TarHeader.RECORD_BYTES) {
                throw refusal.truncated(where);
            }
            if (readParts(map, record, 0, EXTENSION_PARTS, where, refusal) == 0) {
                throw refusal.malformed(where, "a part in each record", "none");
            }
            more = record[EXTENSION_EXTENDED_OFFSET] != 0;
        }
    }

    private static int readParts(
            SparseMap map, byte[] record, int start, int count, String where, TarRefusal refusal)
            throws FlipsideException {
        for (int i = 0; i < count; i++) {
            int at = start + 2 * NUMBER_BYTES * i;
            if (record[at + NUMBER_BYTES] == 0) {
                return i;
            }
            map.add(
                    number(record, at, refusal),
                    number(record, at + NUMBER_BYTES, refusal),
                    where,
                    refusal);
        }
        return count;
    }

    /** 0.1 has one list of all numbers; 0.0 repeats two keys, which {@link PaxRecords} joins. */
    private static void readPax0(SparseMap map, PaxRecords pax, String where, TarRefusal refusal)
            throws FlipsideException {
        Optional<ByteString> list = pax.value("GNU.sparse.map");
        if (list.isPresent()) {
            String[] numbers = split(list.get());
            if (numbers.length % 2 != 0) {
                throw refusal.malformed(where, "pairs of numbers", numbers.length + " numbers");
            }
            for (int i = 0; i < numbers.length; i += 2) {
                addPart(map, numbers[i], numbers[i + 1], where, refusal);
            }
            return;
        }
        String[] offsets = split(pax.value("GNU.sparse.offset").orElse(ByteString.utf8("")));
        String[] lengths = split(pax.value("GNU.sparse.numbytes").orElse(ByteString.utf8("")));
        if (offsets.length != lengths.length) {
            throw refusal.malformed(
                    where, "as many offsets as lengths", offsets.length + " and " + lengths.length);
        }
        for (int i = 0; i < offsets.length; i++) {
            addPart(map, offsets[i], lengths[i], where, refusal);
        }
    }

    /** Decimal numbers, each with a line end: how many parts, then offset and length of each. */
    private static void readPax1(SparseMap map, InputStream in, String where, TarRefusal refusal)
            throws IOException, FlipsideException {
        Lines lines = new Lines(in, where, refusal);
        long parts = lines.number();
        for (long i = 0; i < parts; i++) {
            long offset = lines.number();
            map.add(offset, lines.number(), where, refusal);
        }
        lines.skipPadding();
    }

    private static final class Lines {
        private final InputStream in;
        private final String where;
        private final TarRefusal refusal;
        private long readBytes;

        Lines(InputStream in, String where, TarRefusal refusal) {
            this.in = in;
            this.where = where;
            this.refusal = refusal;
        }

        long number() throws IOException, FlipsideException {
            StringBuilder digits = new StringBuilder();
            for (int c = next(); c != '\n'; c = next()) {
                if (c < '0' || c > '9' || digits.length() == MAX_DIGITS) {
                    throw refusal.malformed(where, "lines of decimal digits", "byte " + c);
                }
                digits.append((char) c);
            }
            return decimal(digits.toString(), where, refusal);
        }

        void skipPadding() throws IOException, FlipsideException {
            while (readBytes % TarHeader.RECORD_BYTES != 0) {
                next();
            }
        }

        private int next() throws IOException, FlipsideException {
            int c = in.read();
            if (c < 0) {
                throw refusal.malformed(where, "a whole map", "the end of the data");
            }
            readBytes++;
            return c;
        }
    }

    private static void addPart(
            SparseMap map, String offset, String length, String where, TarRefusal refusal)
            throws FlipsideException {
        map.add(decimal(offset, where, refusal), decimal(length, where, refusal), where, refusal);
    }

    private static String[] split(ByteString list) {
        String text = new String(list.toByteArray(), StandardCharsets.ISO_8859_1);
        return text.isEmpty() ? new String[0] : text.split(",", -1);
    }

    private static long decimal(String digits, String where, TarRefusal refusal)
            throws FlipsideException {
        try {
            return Long.parseUnsignedLong(digits) < 0 ? Long.MAX_VALUE : Long.parseLong(digits);
        } catch (NumberFormatException _) {
            throw refusal.malformed(where, "decimal numbers", "'" + digits + "'");
        }
    }

    private static long number(byte[] record, int offset, TarRefusal refusal)
            throws FlipsideException {
        return TarHeader.number(record, "sparse map", offset, NUMBER_BYTES, refusal);
    }

    private static String where(ByteString path) {
        return TarRefusal.entry(path) + ", sparse map";
    }

    private static FlipsideException unsupported(
            ByteString path, String found, TarRefusal refusal) {
        return refusal.unsupported(
                path,
                "a sparse file of GNU tar or bsdtar",
                found,
                "make the archive with GNU tar, or without 'tar -S'");
    }
}
