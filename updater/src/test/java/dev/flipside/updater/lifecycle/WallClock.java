package dev.flipside.updater.lifecycle;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a clock on the wall shows in each minute of a year, and in some days before, so that windows
 * of the year before are seen to open, and after.
 */
record WallClock(int year, ZoneId zone, List<LocalDateTime> shows) {
    private static final int DAYS_BEFORE = 10;
    private static final int DAYS_AFTER = 10;

    static WallClock through(int year, ZoneId zone) {
        WallClock empty = new WallClock(year, zone, List.of());
        Instant start = empty.start();
        int days = (int) ChronoUnit.DAYS.between(empty.firstDay(), empty.endDay());
        return new WallClock(
                year,
                zone,
                IntStream.range(0, days * 24 * 60)
                        .mapToObj(minute -> start.plusSeconds(minute * 60L))
                        .map(moment -> LocalDateTime.ofInstant(moment, zone))
                        .toList());
    }

    LocalDate firstDay() {
        return LocalDate.of(year, 1, 1).minusDays(DAYS_BEFORE);
    }

    LocalDate endDay() {
        return LocalDate.of(year + 1, 1, 1).plusDays(DAYS_AFTER);
    }

    Instant start() {
        return firstDay().atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
