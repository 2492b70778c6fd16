package dev.flipside.updater.config;

import dev.flipside.updater.lifecycle.MaintenanceWindow;
import dev.flipside.updater.lifecycle.MaintenanceWindow.After;
import dev.flipside.updater.lifecycle.MaintenanceWindow.At;
import dev.flipside.updater.lifecycle.MaintenanceWindow.End;
import dev.flipside.updater.lifecycle.TimeWords;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times as an operator writes them: durations ({@code 1h30m}), moments ({@code 2026-12-01}), and
 * windows ({@code Sat,Sun 22:00-06:00}, {@code Mon..Fri 01:00 4h}, {@code daily 02:30 1h}).
 */
public final class PolicyText {
    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d{1,5})d)?(?:(\\d{1,6})h)?(?:(\\d{1,7})m)?(?:(\\d{1,8})s)?");
    private static final Pattern WINDOW =
            Pattern.compile("(\\S+) +(\\d\\d:\\d\\d)(?:-(\\d\\d:\\d\\d)| +(\\S+))");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final String END_OF_DAY = "24:00";
    private static final String RANGE = "..";

    private PolicyText() {}

    /** Empty for a text that is no duration. */
    public static Optional<Duration> duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                Duration.ofDays(number(matcher.group(1)))
                        .plusHours(number(matcher.group(2)))
                        .plusMinutes(number(matcher.group(3)))
                        .plusSeconds(number(matcher.group(4))));
    }

    static String words(Duration duration) {
        return TimeWords.of(duration);
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /**
     * A date, which is the moment at which it begins in the zone, or a date and a time with its
     * offset; empty for another text.
     */
    public static Optional<Instant> moment(String text, ZoneId zone) {
        try {
            return Optional.of(
                    DATE.matcher(text).matches()
                            ? LocalDate.parse(text).atStartOfDay(zone).toInstant()
                            : OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Empty for a text that is no window, or one that never opens or closes. */
    static Optional<MaintenanceWindow> window(String text) {
        Matcher matcher = WINDOW.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Optional<Set<DayOfWeek>> days = days(matcher.group(1));
        Optional<LocalTime> start = time(matcher.group(2));
        Optional<End> end =
                matcher.group(3) == null ? after(matcher.group(4)) : at(matcher.group(3));
        return days.isEmpty() || start.isEmpty() || end.isEmpty()
                ? Optional.empty()
                : Optional.of(new MaintenanceWindow(days.get(), start.get(), end.get()));
    }

    private static Optional<End> at(String text) {
        return time(text.equals(END_OF_DAY) ? "00:00" : text).map(At::new);
    }

    private static Optional<End> after(String text) {
        return duration(text)
                .filter(Duration::isPositive)
                .filter(length -> length.compareTo(MaintenanceWindow.MAX_LENGTH) <= 0)
                .map(After::new);
    }

    private static Optional<LocalTime> time(String text) {
        try {
            return Optional.of(LocalTime.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Set<DayOfWeek>> days(String text) {
        if (text.equals("daily")) {
            return Optional.of(EnumSet.allOf(DayOfWeek.class));
        }
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : text.split(",", -1)) {
            int range = part.indexOf(RANGE);
            Optional<DayOfWeek> first = day(range < 0 ? part : part.substring(0, range));
            Optional<DayOfWeek> last =
                    range < 0 ? first : day(part.substring(range + RANGE.length()));
            if (first.isEmpty() || last.isEmpty()) {
                return Optional.empty();
            }
            // Sat..Mon goes over the end of the week.
            days.add(last.get());
            for (DayOfWeek day = first.get(); day != last.get(); day = day.plus(1)) {
                days.add(day);
            }
        }
        return Optional.of(days);
    }

    private static Optional<DayOfWeek> day(String text) {
        return Arrays.stream(DayOfWeek.values())
                .filter(day -> MaintenanceWindow.dayInWords(day).equalsIgnoreCase(text))
                .findFirst();
    }
}
