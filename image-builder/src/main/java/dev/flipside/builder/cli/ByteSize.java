package dev.flipside.builder.cli;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as people give them: a number of bytes, or one with {@code KiB, MiB, GiB} or {@code TiB},
 * which may be written {@code K, M, G} or {@code T}.
 */
final class ByteSize {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(?:B|([KMGT])(?:iB)?)?");

    private ByteSize() {}

    /** The number of bytes; empty when the text is no size, or one beyond all disks. */
    static Optional<Long> parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            return Optional.empty();
        }
        int shift =
                switch (String.valueOf(size.group(2))) {
                    case "K" -> 10;
                    case "M" -> 20;
                    case "G" -> 30;
                    case "T" -> 40;
                    default -> 0;
                };
        long number = Long.parseLong(size.group(1));
        return number > Long.MAX_VALUE >> shift ? Optional.empty() : Optional.of(number << shift);
    }
}
