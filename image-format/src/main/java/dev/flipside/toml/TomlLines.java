package dev.flipside.toml;

import java.util.List;
import java.util.Locale;

/**
 * Where something stands in a TOML file, for messages only: a tree of values has no lines any more.
 * Sees headers, and keys at the start of a line, which is how configurations are written; nothing
 * is said about what it does not find.
 */
public final class TomlLines {
    private TomlLines() {}

    public static String section(String text, String section) {
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String path = path(header(lines.get(i)), lines.get(i));
            if (path.equals(section) || path.startsWith(section + ".")) {
                return at(i);
            }
        }
        return "";
    }

    public static String key(String text, String section, String key) {
        List<String> lines = text.lines().toList();
        String current = "";
        for (int i = 0; i < lines.size(); i++) {
            String header = header(lines.get(i));
            current = header.isEmpty() ? current : header;
            String path = path(current, header.isEmpty() ? lines.get(i) : "");
            // A whole section may stand on one line.
            if (path.equals(section + "." + key)
                    || (path.equals(section) && header.isEmpty() && !path.equals(current))) {
                return at(i);
            }
        }
        return "";
    }

    /**
     * The line of a key in one of several tables of a name, or else that of the table itself.
     *
     * @param table empty for the keys before the first table
     * @param number of the table, 0 for the first {@code [[table]]} or for a {@code [table]}
     */
    public static String keyIn(String text, String table, int number, String key) {
        List<String> lines = text.lines().toList();
        int tables = -1;
        boolean inTable = table.isEmpty();
        String at = "";
        for (int i = 0; i < lines.size(); i++) {
            String header = header(lines.get(i));
            if (!header.isEmpty()) {
                tables += header.equals(table) ? 1 : 0;
                inTable = header.equals(table) && tables == number;
                at = inTable ? at(i) : at;
            } else if (inTable && startsWithKey(lines.get(i), key)) {
                return at(i);
            }
        }
        return at;
    }

    /** The name in {@code [name]} or {@code [[name]]}. */
    private static String header(String line) {
        String stripped = line.strip();
        int start = stripped.startsWith("[[") ? 2 : 1;
        int end = stripped.indexOf(']');
        return stripped.startsWith("[") && end > start ? bare(stripped.substring(start, end)) : "";
    }

    /** The header and the key of a line, with dots between their parts. */
    private static String path(String header, String line) {
        int equals = line.indexOf('=');
        String key = equals > 0 ? bare(line.substring(0, equals)) : "";
        return header.isEmpty() || key.isEmpty() ? header + key : header + "." + key;
    }

    private static boolean startsWithKey(String line, String key) {
        int equals = line.indexOf('=');
        return equals > 0 && bare(line.substring(0, equals)).equals(key);
    }

    private static String bare(String name) {
        return name.replace("\"", "").replace("'", "").replace(" ", "").strip();
    }

    private static String at(int index) {
        return String.format(Locale.ROOT, ", line %d", index + 1);
    }
}
