package dev.flipside.builder.rootfs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.math.BigInteger;

/**
 * One 512-byte header record of POSIX.1-1988 (ustar), GNU tar, star or V7 tar, as it stands.
 *
 * <p>Offsets: 0 name (100), 100 mode (8), 108 uid (8), 116 gid (8), 124 size (12), 136 mtime (12),
 * 148 checksum (8), 156 type, 157 link name (100), 257 magic (8), 329 device major (8), 337 device
 * minor (8), 345 prefix (155; star: 131). Numbers are octal digits, or, with the top bit of the
 * field set, big-endian two's complement (GNU, star).
 */
record TarHeader(
        ByteString name,
        long mode,
        long uid,
        long gid,
        long sizeBytes,
        long changedSeconds,
        char type,
        ByteString linkName,
        long deviceMajor,
        long deviceMinor) {
    static final int RECORD_BYTES = 512;

    private static final ByteString POSIX_MAGIC = ByteString.utf8("ustar\0");
    private static final ByteString STAR_TRAILER = ByteString.utf8("tar\0");

    static TarHeader parse(byte[] record, TarRefusal refusal) throws FlipsideException {
        Fields fields = new Fields(record, refusal);
        fields.requireChecksum();
        return new TarHeader(
                fields.name(),
                fields.number("mode", 100, 8),
                fields.number("uid", 108, 8),
                fields.number("gid", 116, 8),
                fields.number("size", 124, 12),
                fields.number("mtime", 136, 12),
                (char) Byte.toUnsignedInt(record[156]),
                fields.text(157, 100),
                fields.number("device major", 329, fields.hasDevice() ? 8 : 0),
                fields.number("device minor", 337, fields.hasDevice() ? 8 : 0));
    }

    /** A number as all fields of headers have them. */
    static long number(byte[] record, String field, int offset, int length, TarRefusal refusal)
            throws FlipsideException {
        return new Fields(record, refusal).number(field, offset, length);
    }

    static boolean isZero(byte[] record) {
        for (byte b : record) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private static final class Fields {
        private final byte[] record;
        private final TarRefusal refusal;

        Fields(byte[] record, TarRefusal refusal) {
            this.record = record;
            this.refusal = refusal;
        }

        /** Of all bytes, those of the checksum itself taken as blanks; some summed signed chars. */
        void requireChecksum() throws FlipsideException {
            long unsigned = 0;
            long signed = 0;
            for (int i = 0; i < RECORD_BYTES; i++) {
                byte b = i >= 148 && i < 156 ? (byte) ' ' : record[i];
                unsigned += Byte.toUnsignedInt(b);
                signed += b;
            }
            long stored = number("checksum", 148, 8);
            if (stored != unsigned && stored != signed) {
                throw refusal.malformed(
                        "header of '" + text(0, 100) + "'",
                        "checksum " + Long.toOctalString(unsigned),
                        Long.toOctalString(stored));
            }
        }

        ByteString name() {
            ByteString name = text(0, 100);
            if (!at(257, POSIX_MAGIC)) {
                return name;
            }
            ByteString prefix = text(345, at(508, STAR_TRAILER) ? 131 : 155);
            return prefix.isEmpty() ? name : prefix.concat(ByteString.utf8("/")).concat(name);
        }

        /** V7 has nothing there; the magic of GNU differs from POSIX's in its sixth byte. */
        boolean hasDevice() {
            return at(257, POSIX_MAGIC.substring(0, 5));
        }

        boolean at(int offset, ByteString expected) {
            return ByteString.of(record, offset, offset + expected.length()).equals(expected);
        }

        ByteString text(int offset, int length) {
            int end = offset;
            while (end < offset + length && record[end] != 0) {
                end++;
            }
            return ByteString.of(record, offset, end);
        }

        long number(String field, int offset, int length) throws FlipsideException {
            if (length > 0 && (record[offset] & 0x80) != 0) {
                return binary(field, offset, length);
            }
            long value = 0;
            int i = offset;
            int end = offset + length;
            while (i < end && record[i] == ' ') {
                i++;
            }
            for (; i < end && record[i] != 0 && record[i] != ' '; i++) {
                if (record[i] < '0' || record[i] > '7') {
                    throw bad(field, "octal digits", "byte " + Byte.toUnsignedInt(record[i]));
                }
                value = (value << 3) | (record[i] - (byte) '0');
            }
            return value;
        }

        /** The top bit marks the form; the one below it is the sign. */
        private long binary(String field, int offset, int length) throws FlipsideException {
            byte[] digits = ByteString.of(record, offset, offset + length).toByteArray();
            digits[0] = (byte) ((digits[0] & 0x40) != 0 ? digits[0] : digits[0] & 0x7f);
            BigInteger value = new BigInteger(digits);
            if (value.bitLength() > 63) {
                throw bad(field, "a number of 64 bits", value.toString());
            }
            return value.longValue();
        }

        private FlipsideException bad(String field, String expected, String found) {
            return refusal.malformed("header of '" + text(0, 100) + "', " + field, expected, found);
        }
    }
}
