package dev.flipside.builder.inspect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A table of text, aligned with blanks. Where there is a greatest width, the widest columns are cut
 * until a row fits; where there is none, as when another program reads it, every cell is whole.
 */
public final class TextTable {
    /** No limit. */
    public static final int ANY_WIDTH = Integer.MAX_VALUE;

    private static final String GAP = "  ";
    private static final int LEAST_COLUMN = 8;

    /** What would move a terminal's cursor, end a line, or change the order of what is read. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    private TextTable(boolean[] right) {
        this.right = right;
    }

    /** A table with these columns; a name that starts with {@code >} is aligned to the right. */
    public static TextTable of(String... names) {
        boolean[] right = new boolean[names.length];
        String[] header = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            right[i] = names[i].startsWith(">");
            header[i] = names[i].substring(right[i] ? 1 : 0);
        }
        TextTable table = new TextTable(right);
        table.rows.add(header);
        return table;
    }

    /** Two columns without names. */
    public static TextTable pairs() {
        return new TextTable(new boolean[2]);
    }

    /** Adds a row, with one cell for each column. */
    public TextTable row(String... cells) {
        if (cells.length != right.length) {
            throw new IllegalArgumentException(cells.length + " cells");
        }
        rows.add(Arrays.stream(cells).map(TextTable::printable).toArray(String[]::new));
        return this;
    }

    /** The lines, each ended by a line break. */
    public String render(int maxWidth) {
        int[] widths = widths(maxWidth);
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String cell = cut(row[i], widths[i]);
                String blanks = " ".repeat(widths[i] - length(cell));
                line.append(i == 0 ? "" : GAP);
                line.append(right[i] ? blanks + cell : cell + blanks);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int[] widths(int maxWidth) {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], length(row[i]));
            }
        }
        long total = (long) GAP.length() * (widths.length - 1);
        for (int width : widths) {
            total += width;
        }
        while (total > maxWidth) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widths[widest] <= LEAST_COLUMN) {
                break;
            }
            widths[widest]--;
            total--;
        }
        return widths;
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String cut(String text, int width) {
        return length(text) <= width
                ? text
                : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
    }

    /** The text with everything escaped that a terminal would not show as it is. */
    public static String printable(String text) {
        return UNPRINTABLE.matcher(text).replaceAll(TextTable::escaped);
    }

    private static String escaped(MatchResult found) {
        return "\\\\u%04x".formatted((int) found.group().charAt(0));
    }

    /** A number of bytes for people. */
    public static String bytes(long count) {
        if (Math.abs(count) < 1024) {
            return count + " B";
        }
        double value = count;
        int unit = -1;
        while (Math.abs(value) >= 1024 && unit < 4) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %siB", value, "KMGTP".charAt(unit));
    }
}
