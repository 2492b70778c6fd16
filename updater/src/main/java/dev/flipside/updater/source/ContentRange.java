package dev.flipside.updater.source;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header {@code Content-Range} of a 206 answer (RFC 9110, 14.4): {@code bytes FIRST-LAST/SIZE}
 * or {@code bytes FIRST-LAST/*}; offsets in bytes, the last one included.
 */
record ContentRange(long first, long last) {
    private static final Pattern FORM =
            Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

    /** The range, or empty where the text is not one that can be. */
    static Optional<ContentRange> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        ContentRange range =
                new ContentRange(
                        Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
        return range.first <= range.last ? Optional.of(range) : Optional.empty();
    }

    long lengthBytes() {
        return last - first + 1;
    }
}
