package dev.flipside.updater.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Times as people read them: durations as the configuration has them, and moments by a clock. */
public final class TimeWords {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xxx", Locale.ROOT);
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private TimeWords() {}

    /** Days, hours, minutes and seconds, without those that are none: {@code 1d12h}. */
    public static String of(Duration duration) {
        long seconds = duration.toSeconds();
        StringBuilder words = new StringBuilder();
        append(words, seconds / DAY, 'd');
        append(words, seconds % DAY / HOUR, 'h');
        append(words, seconds % HOUR / MINUTE, 'm');
        append(words, seconds % MINUTE, 's');
        return words.isEmpty() ? "0s" : words.toString();
    }

    private static void append(StringBuilder words, long count, char unit) {
        if (count > 0) {
            words.append(count).append(unit);
        }
    }

    /** A moment by the clock of a zone, with its offset, since a clock shows some times twice. */
    public static String of(Instant moment, ZoneId zone) {
        return CLOCK.format(moment.truncatedTo(ChronoUnit.SECONDS).atZone(zone));
    }
}
