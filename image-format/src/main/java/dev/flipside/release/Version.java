package dev.flipside.release;

import java.util.Comparator;

/**
 * The order of version strings: Version Format Specification (UAPI.10), section Version Comparison,
 * whose step numbers stand beside the code.
 *
 * <p>Different strings may compare as equal ({@code 1.01} and {@code 1.1}), so this is an order and
 * not an identity. Where systemd takes a missing number for lower than 0, the specification takes
 * it for 0, and so does this.
 */
public final class Version {
    /** From the oldest to the newest; total, and consistent with {@link #compare}. */
    public static final Comparator<String> ORDER = Version::compare;

    private Version() {}

    /** Less than, equal to or greater than 0, as {@code a} is older than, as old as or newer. */
    public static int compare(String a, String b) {
        Cursor left = new Cursor(a);
        Cursor right = new Cursor(b);
        while (true) {
            // 1.
            left.skipSeparators();
            right.skipSeparators();
            // 2. The string with the tilde compares lower, even than one that has ended.
            int tilde = comparePrefix('~', left, right);
            if (tilde != 0) {
                return tilde;
            }
            // 3.
            if (left.ended() || right.ended()) {
                return Boolean.compare(!left.ended(), !right.ended());
            }
            // 4., 5., 6.
            for (char prefix : new char[] {'-', '^', '.'}) {
                int order = comparePrefix(prefix, left, right);
                if (order != 0) {
                    return order;
                }
            }
            // 7., 8.
            int order =
                    left.atDigit() || right.atDigit()
                            ? compareNumbers(left.digits(), right.digits())
                            : left.letters().compareTo(right.letters());
            if (order != 0) {
                return order;
            }
        }
    }

    private static int comparePrefix(char prefix, Cursor left, Cursor right) {
        boolean leftHas = left.at(prefix);
        boolean rightHas = right.at(prefix);
        if (leftHas != rightHas) {
            return leftHas ? -1 : 1;
        }
        if (leftHas) {
            left.position++;
            right.position++;
        }
        return 0;
    }

    /** Compares digits without leading zeros as numbers of any size. */
    private static int compareNumbers(String left, String right) {
        return left.length() == right.length()
                ? left.compareTo(right)
                : Integer.compare(left.length(), right.length());
    }

    /** A place in one of the two strings; every step takes at least what it looked at. */
    private static final class Cursor {
        private final String text;
        private int position;

        Cursor(String text) {
            this.text = text;
        }

        boolean ended() {
            return position == text.length();
        }

        boolean at(char c) {
            return !ended() && text.charAt(position) == c;
        }

        boolean atDigit() {
            return !ended() && isDigit(text.charAt(position));
        }

        void skipSeparators() {
            while (!ended() && !isSpecial(text.charAt(position))) {
                position++;
            }
        }

        String digits() {
            while (at('0')) {
                position++;
            }
            int from = position;
            while (atDigit()) {
                position++;
            }
            return text.substring(from, position);
        }

        String letters() {
            int from = position;
            while (!ended() && isLetter(text.charAt(position))) {
                position++;
            }
            return text.substring(from, position);
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }

        private static boolean isLetter(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        }

        private static boolean isSpecial(char c) {
            return isDigit(c) || isLetter(c) || c == '-' || c == '.' || c == '~' || c == '^';
        }
    }
}
