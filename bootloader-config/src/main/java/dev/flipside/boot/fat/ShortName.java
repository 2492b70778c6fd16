package dev.flipside.boot.fat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * The 8.3 names that stand beside long ones (Microsoft FAT specification 1.03, section 6 and
 * "Generating 8.3 names from long names"): eleven bytes, padded with blanks, upper case.
 */
final class ShortName {
    static final int BYTES = 11;

    private static final int BASE_LENGTH = 8;
    private static final int EXTENSION_LENGTH = 3;
    private static final int MAX_TAIL = 999_999;
    private static final String SPECIAL = "$%'-_@~`!(){}^#&";

    private ShortName() {}

    /** Whether a name can be stored without a long name beside it. */
    static boolean isPlain(String name) {
        int dot = name.indexOf('.');
        String base = dot < 0 ? name : name.substring(0, dot);
        String extension = dot < 0 ? "" : name.substring(dot + 1);
        return !base.isEmpty()
                && base.length() <= BASE_LENGTH
                && extension.length() <= EXTENSION_LENGTH
                && (dot < 0 || !extension.isEmpty())
                && (base + extension).chars().allMatch(ShortName::isAllowed);
    }

    /** The name for a plain name, or an alias that none of the names taken so far has. */
    static String choose(String name, Set<String> taken) {
        String upper = name.toUpperCase(Locale.ROOT);
        if (isPlain(upper) && !taken.contains(padded(upper))) {
            return padded(upper);
        }
        int dot = upper.lastIndexOf('.');
        String base = clean(dot <= 0 ? upper : upper.substring(0, dot), BASE_LENGTH);
        String extension = clean(dot <= 0 ? "" : upper.substring(dot + 1), EXTENSION_LENGTH);
        for (int i = 1; i <= MAX_TAIL; i++) {
            String tail = "~" + i;
            String start = base.substring(0, Math.min(base.length(), BASE_LENGTH - tail.length()));
            String alias = pad(start + tail, BASE_LENGTH) + pad(extension, EXTENSION_LENGTH);
            if (!taken.contains(alias)) {
                return alias;
            }
        }
        throw new IllegalStateException("too many names like '%s' in one folder".formatted(name));
    }

    /** The checksum that ties a long name to its short one. */
    static byte checksum(String shortName) {
        int sum = 0;
        for (byte b : shortName.getBytes(StandardCharsets.ISO_8859_1)) {
            sum = (((sum & 1) << 7) + (sum >> 1) + Byte.toUnsignedInt(b)) & 0xFF;
        }
        return (byte) sum;
    }

    /** The name as people see it; {@code flags} say which half Windows NT shows in lower case. */
    static String display(byte[] name, int flags) {
        String base = text(name, 0, BASE_LENGTH, (flags & 0x08) != 0);
        String extension = text(name, BASE_LENGTH, BYTES, (flags & 0x10) != 0);
        return extension.isEmpty() ? base : base + "." + extension;
    }

    private static String text(byte[] name, int from, int to, boolean lower) {
        String text =
                new String(Arrays.copyOfRange(name, from, to), StandardCharsets.ISO_8859_1)
                        .stripTrailing();
        return lower ? text.toLowerCase(Locale.ROOT) : text;
    }

    private static String padded(String plain) {
        int dot = plain.indexOf('.');
        return dot < 0
                ? pad(plain, BYTES)
                : pad(plain.substring(0, dot), BASE_LENGTH)
                        + pad(plain.substring(dot + 1), EXTENSION_LENGTH);
    }

    private static String clean(String text, int length) {
        StringBuilder clean = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != ' ' && c != '.' && clean.length() < length) {
                clean.append(isAllowed(c) ? c : '_');
            }
        }
        return clean.toString();
    }

    private static String pad(String text, int length) {
        return text + " ".repeat(length - text.length());
    }

    private static boolean isAllowed(int c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || SPECIAL.indexOf(c) >= 0;
    }
}
