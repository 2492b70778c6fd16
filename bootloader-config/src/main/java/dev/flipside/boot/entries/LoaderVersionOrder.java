package dev.flipside.boot.entries;

/**
 * The comparison of strings that systemd-boot sorts entries by ({@code strverscmp_improved}). It is
 * UAPI.10's, but for one corner: a missing number is lower than 0 here. What the loader does
 * counts, so it has its own code.
 */
final class LoaderVersionOrder {
    private final String text;
    private int at;

    private LoaderVersionOrder(String text) {
        this.text = text;
    }

    /** Less than 0 when {@code left} is older. */
    static int compare(String left, String right) {
        LoaderVersionOrder a = new LoaderVersionOrder(left);
        LoaderVersionOrder b = new LoaderVersionOrder(right);
        while (true) {
            a.skipOthers();
            b.skipOthers();
            int order = prefix('~', a, b);
            if (order != 0) {
                return order;
            }
            if (a.ended() || b.ended()) {
                return Boolean.compare(!a.ended(), !b.ended());
            }
            for (char prefix : new char[] {'-', '^', '.'}) {
                order = prefix(prefix, a, b);
                if (order != 0) {
                    return order;
                }
            }
            order = a.atDigit() || b.atDigit() ? digits(a, b) : a.letters().compareTo(b.letters());
            if (order != 0) {
                return order;
            }
        }
    }

    private static int prefix(char prefix, LoaderVersionOrder a, LoaderVersionOrder b) {
        boolean inA = a.peek() == prefix;
        boolean inB = b.peek() == prefix;
        if (inA && inB) {
            a.at++;
            b.at++;
        }
        return Boolean.compare(!inA, !inB);
    }

    private static int digits(LoaderVersionOrder a, LoaderVersionOrder b) {
        if (a.atDigit() != b.atDigit()) {
            return a.atDigit() ? 1 : -1;
        }
        String left = a.number();
        String right = b.number();
        return left.length() == right.length()
                ? left.compareTo(right)
                : Integer.compare(left.length(), right.length());
    }

    private boolean ended() {
        return at == text.length();
    }

    private char peek() {
        return ended() ? '\0' : text.charAt(at);
    }

    private boolean atDigit() {
        return isDigit(peek());
    }

    private void skipOthers() {
        while (!ended() && !isDigit(peek()) && !isLetter(peek()) && "~-^.".indexOf(peek()) < 0) {
            at++;
        }
    }

    private String number() {
        while (peek() == '0') {
            at++;
        }
        int start = at;
        while (atDigit()) {
            at++;
        }
        return text.substring(start, at);
    }

    private String letters() {
        int start = at;
        while (isLetter(peek())) {
            at++;
        }
        return text.substring(start, at);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
