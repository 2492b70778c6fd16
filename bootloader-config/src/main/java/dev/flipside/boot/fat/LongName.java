package dev.flipside.boot.fat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Long names (Microsoft FAT specification 1.03, section 7): up to 20 entries before the short one,
 * the last part first, each with 13 UTF-16LE code units at offsets 1-10, 14-25 and 28-31; a name
 * that does not fill its last entry ends with NUL and is padded with 0xFFFF.
 */
final class LongName {
    static final int UNITS = 13;
    static final int MAX_ENTRIES = 20;
    static final int LAST = 0x40;

    private static final int[] OFFSETS = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    private static final String INVALID = "\"*/:<>?\\|";
    private static final int MAX_LENGTH = 255;

    private LongName() {}

    /** Whether this is a name that the writer takes: printable ASCII that no reader changes. */
    static boolean isValid(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_LENGTH
                && !name.startsWith(" ")
                && !name.endsWith(" ")
                && !name.endsWith(".")
                && name.chars().allMatch(c -> c >= ' ' && c < 0x7f && INVALID.indexOf(c) < 0);
    }

    static int entries(String name) {
        return Math.ceilDiv(name.length(), UNITS);
    }

    static void encode(ByteBuffer out, String name, byte checksum) {
        int count = entries(name);
        for (int number = count; number >= 1; number--) {
            ByteBuffer entry =
                    ByteBuffer.allocate(FatFolder.ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            entry.put(0, (byte) (number == count ? number | LAST : number));
            entry.put(11, (byte) FatFolder.LONG_NAME).put(13, checksum);
            for (int i = 0; i < UNITS; i++) {
                int at = (number - 1) * UNITS + i;
                entry.putChar(OFFSETS[i], at < name.length() ? name.charAt(at) : padding(at, name));
            }
            out.put(entry);
        }
    }

    private static char padding(int at, String name) {
        return at == name.length() ? '\0' : '\uFFFF';
    }

    /** The part of a name that one entry holds. */
    static String decode(ByteBuffer folder, int entryOffset) {
        StringBuilder part = new StringBuilder();
        for (int offset : OFFSETS) {
            char unit = folder.getChar(entryOffset + offset);
            if (unit == 0) {
                break;
            }
            part.append(unit);
        }
        return part.toString();
    }
}
