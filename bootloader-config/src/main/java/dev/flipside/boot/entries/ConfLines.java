package dev.flipside.boot.entries;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of {@code loader.conf} and of an entry, read as systemd-boot reads them: key and value
 * separated by blanks, {@code #} starts a comment line, double quotes around a value are dropped,
 * bytes that are not UTF-8 and all after a NUL are skipped. Nothing is an error.
 */
final class ConfLines {
    /** One line that has both a key and a value. */
    record Line(String key, String value) {}

    private ConfLines() {}

    static List<Line> parse(byte[] content) {
        List<Line> lines = new ArrayList<>();
        for (String raw : text(content).split("[\\n\\r]")) {
            String line = strip(raw);
            int end = indexOfBlank(line);
            if (end >= 0 && line.charAt(0) != '#') {
                lines.add(new Line(line.substring(0, end), unquote(strip(line.substring(end)))));
            }
        }
        return lines;
    }

    private static String text(byte[] content) {
        int length = 0;
        while (length < content.length && content[length] != 0) {
            length++;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.IGNORE)
                    .onUnmappableCharacter(CodingErrorAction.IGNORE)
                    .decode(ByteBuffer.wrap(content, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("a decoder that ignores errors reported one", e);
        }
    }

    private static String strip(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static int indexOfBlank(String line) {
        for (int i = 0; i < line.length(); i++) {
            if (isBlank(line.charAt(i))) {
                return i;
            }
        }
        return -1;
    }

    private static String unquote(String value) {
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            return value.substring(1, value.length() - 1);
        }
        return value.equals("\"") ? "" : value;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
