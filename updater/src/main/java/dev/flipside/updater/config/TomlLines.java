package dev.flipside.updater.config;

import java.util.List;
import java.util.Locale;

/**
 * Where something stands in a TOML file, for messages only: a tree of values has no lines any more.
 * Sees headers and keys at the start of a line, which is how configurations are written; nothing is
 * said about what it does not find.
 */
final class TomlLines {
    private TomlLines() {}

    static String section(String text, String section) {
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (header(lines.get(i)).equals(section)) {
                return at(i);
            }
        }
        return "";
    }

    static String key(String text, String section, String key) {
        List<String> lines = text.lines().toList();
        String current = "";
        for (int i = 0; i < lines.size(); i++) {
            String header = header(lines.get(i));
            if (!header.isEmpty()) {
                current = header;
            } else if (current.equals(section) && startsWithKey(lines.get(i), key)) {
                return at(i);
            }
        }
        return "";
    }

    private static String header(String line) {
        String stripped = line.strip();
        int end = stripped.indexOf(']');
        return stripped.startsWith("[") && end > 0 ? stripped.substring(1, end).strip() : "";
    }

    private static boolean startsWithKey(String line, String key) {
        int equals = line.indexOf('=');
        return equals > 0 && line.substring(0, equals).strip().replace("\"", "").equals(key);
    }

    private static String at(int index) {
        return String.format(Locale.ROOT, ", line %d", index + 1);
    }
}
