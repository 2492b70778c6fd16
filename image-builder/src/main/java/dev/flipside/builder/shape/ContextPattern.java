package dev.flipside.builder.shape;

import java.util.Optional;

/**
 * A pattern of {@code file_contexts(5)}: a regular expression of PCRE for a whole path, told apart
 * from a literal path as libselinux does ({@code regex_has_meta_chars}).
 */
record ContextPattern(String text) {
    /** Of a line that names no type. */
    static final char ANY_TYPE = ' ';

    private static final String META = ".^$?*+|[({])}";
    private static final String ESCAPABLE = META + "-_,";
    private static final String BRANCHES = "|";
    private static final String QUANTIFIERS = "?*{";

    /** The path, when it is nothing but one. */
    Optional<String> literal() {
        StringBuilder literal = new StringBuilder();
        return literalUpTo(literal) == text.length()
                ? Optional.of(literal.toString())
                : Optional.empty();
    }

    /** What every path that matches begins with. */
    String stem() {
        if (text.contains(BRANCHES)) {
            return "";
        }
        StringBuilder literal = new StringBuilder();
        int end = literalUpTo(literal);
        boolean quantified = end < text.length() && QUANTIFIERS.indexOf(text.charAt(end)) >= 0;
        return literal.substring(0, Math.max(0, literal.length() - (quantified ? 1 : 0)));
    }

    private int literalUpTo(StringBuilder literal) {
        int i = 0;
        while (i < text.length() && META.indexOf(text.charAt(i)) < 0) {
            if (text.charAt(i) == '\\') {
                if (i + 1 == text.length() || ESCAPABLE.indexOf(text.charAt(i + 1)) < 0) {
                    return i;
                }
                i++;
            }
            literal.append(text.charAt(i++));
        }
        return i;
    }

    /**
     * The same expression for Java, which reads {@code [[:alnum:]]} and {@code [a[b]} its own way.
     */
    String regex() {
        StringBuilder regex = new StringBuilder();
        boolean inSet = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int end = inSet && text.startsWith("[:", i) ? text.indexOf(":]", i) : -1;
            if (end > 0) {
                regex.append(posixClass(text.substring(i + 2, end)));
                i = end + 1;
            } else if (c == '\\' && i + 1 < text.length()) {
                regex.append(c).append(text.charAt(++i));
            } else if (inSet) {
                inSet = c != ']';
                regex.append(c == '[' || c == '&' ? "\\" : "").append(c);
            } else {
                regex.append(c);
                inSet = c == '[';
                i += inSet ? firstInSet(i + 1, regex) : 0;
            }
        }
        return regex.toString();
    }

    /** A bracket that closes is itself at the beginning of a set. */
    private int firstInSet(int start, StringBuilder regex) {
        int taken = 0;
        if (text.startsWith("^", start)) {
            regex.append('^');
            taken++;
        }
        if (text.startsWith("]", start + taken)) {
            regex.append("\\]");
            taken++;
        }
        return taken;
    }

    private static String posixClass(String name) {
        return switch (name) {
            case "alnum" -> "\\p{Alnum}";
            case "alpha" -> "\\p{Alpha}";
            case "digit" -> "\\p{Digit}";
            case "lower" -> "\\p{Lower}";
            case "upper" -> "\\p{Upper}";
            case "punct" -> "\\p{Punct}";
            case "space" -> "\\s";
            case "xdigit" -> "\\p{XDigit}";
            case "blank" -> "\\p{Blank}";
            case "cntrl" -> "\\p{Cntrl}";
            case "graph" -> "\\p{Graph}";
            case "print" -> "\\p{Print}";
            case "word" -> "\\w";
            default -> "\\p{" + name + "}"; // which Java refuses, as PCRE does
        };
    }
}
