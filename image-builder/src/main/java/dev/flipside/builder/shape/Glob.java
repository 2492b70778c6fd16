package dev.flipside.builder.shape;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern for whole paths, with or without a leading slash: {@code *} is any bytes within a name,
 * {@code ?} one, {@code [a-z]} and {@code [!a-z]} one of or not of a set, {@code **} alone between
 * slashes any number of names, and a backslash takes the next byte as it is.
 */
record Glob(String text, Pattern pattern) {
    private static final String ANY_NAMES = "**";
    private static final String SPECIAL_IN_REGEX = "\\^$.|?*+()[]{}";

    /**
     * Reads a pattern.
     *
     * @throws FlipsideException {@code argument-invalid}
     */
    static Glob parse(String text) throws FlipsideException {
        String latin1 = latin1(ByteString.utf8(text));
        StringBuilder regex = new StringBuilder();
        String[] names = latin1.replaceAll("^/+|/+$", "").split("/+", -1);
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(ANY_NAMES)) {
                regex.append(i == names.length - 1 ? "(?:/[^/]+)+" : "(?:/[^/]+)*");
            } else {
                regex.append('/').append(name(names[i], text));
            }
        }
        try {
            return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
        } catch (PatternSyntaxException e) {
            throw refused(text, "a set like [a-z]", "one that is none");
        }
    }

    /** True for a path like {@code /usr/bin/env}. */
    boolean matches(ByteString path) {
        return pattern.matcher(latin1(path)).matches();
    }

    private static String name(String name, String glob) throws FlipsideException {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw refused(glob, "a path below the root", "'" + name + "' in it");
        }
        if (name.contains(ANY_NAMES)) {
            throw refused(glob, "'**' alone between slashes", "'" + name + "'");
        }
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            switch (c) {
                case '*' -> regex.append("[^/]*");
                case '?' -> regex.append("[^/]");
                case '[' -> i = set(name, i, regex, glob);
                case '\\' -> {
                    if (++i == name.length()) {
                        throw refused(glob, "a character after '\\'", "none");
                    }
                    literal(name.charAt(i), regex);
                }
                default -> literal(c, regex);
            }
        }
        return regex.toString();
    }

    /** Puts the set that begins at {@code start}, and returns where it ends. */
    private static int set(String name, int start, StringBuilder regex, String glob)
            throws FlipsideException {
        boolean negated = name.startsWith("!", start + 1);
        int first = start + (negated ? 2 : 1);
        int end = name.indexOf(']', first + 1);
        if (end < 0) {
            throw refused(glob, "']' after '['", "none");
        }
        regex.append(negated ? "[^/" : "[");
        for (int i = first; i < end; i++) {
            char c = name.charAt(i);
            if (c == '-') {
                regex.append(c);
            } else {
                literal(c, regex);
            }
        }
        regex.append(']');
        return end;
    }

    private static void literal(char c, StringBuilder regex) {
        if (SPECIAL_IN_REGEX.indexOf(c) >= 0 || c == '&' || c == '-') {
            regex.append('\\');
        }
        regex.append(c);
    }

    private static String latin1(ByteString bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
    }

    private static FlipsideException refused(String glob, String expected, String found) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "exclusion '" + glob + "'",
                expected,
                found,
                "mend the pattern");
    }
}
