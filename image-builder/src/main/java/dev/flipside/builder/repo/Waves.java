package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.repository.Channel.Wave;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rollout as people write it: {@code 5@+0h,25@+1d,100@2026-11-24T06:00:00Z}. Each part is a
 * percentage of all hosts and the time from when on they may update, which is an instant, or counts
 * from now in minutes, hours or days.
 */
public final class Waves {
    private static final int MAX_WAVES = 100;
    private static final Pattern WAVE = Pattern.compile("([0-9]{1,3})@(.{1,40})");
    private static final Pattern LATER = Pattern.compile("\\+([0-9]{1,4})([mhd])");
    private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

    private Waves() {}

    /**
     * @throws FlipsideException {@code argument-invalid}, also when times or percentages do not
     *     rise
     */
    public static List<Wave> parse(String text, Instant now) throws FlipsideException {
        List<Wave> waves = new ArrayList<>();
        String[] parts = text.split(",", -1);
        if (parts.length > MAX_WAVES) {
            throw invalid("at most " + MAX_WAVES + " waves", parts.length + " waves");
        }
        Wave before = new Wave(Instant.MIN, 0);
        for (String part : parts) {
            Wave wave =
                    wave(part, now)
                            .orElseThrow(() -> invalid("PERCENT@TIME, as 5@+0h", "'" + part + "'"));
            if (!wave.start().isAfter(before.start()) || wave.percent() <= before.percent()) {
                throw invalid("later times with higher percentages", "'" + part + "'");
            }
            waves.add(wave);
            before = wave;
        }
        return waves;
    }

    private static Optional<Wave> wave(String text, Instant now) {
        Matcher matcher = WAVE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int percent = Integer.parseInt(matcher.group(1));
        return percent < 1 || percent > 100
                ? Optional.empty()
                : start(matcher.group(2), now.truncatedTo(ChronoUnit.SECONDS))
                        .map(start -> new Wave(start, percent));
    }

    private static Optional<Instant> start(String text, Instant now) {
        Matcher later = LATER.matcher(text);
        if (later.matches()) {
            long number = Long.parseLong(later.group(1));
            Duration wait =
                    switch (later.group(2)) {
                        case "m" -> Duration.ofMinutes(number);
                        case "h" -> Duration.ofHours(number);
                        default -> Duration.ofDays(number);
                    };
            return Optional.of(now.plus(wait));
        }
        try {
            return Optional.of(Instant.parse(text).truncatedTo(ChronoUnit.SECONDS))
                    .filter(start -> start.isAfter(Instant.EPOCH) && start.isBefore(LATEST));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static FlipsideException invalid(String expected, String found) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID, "--waves", expected, found, "give another value");
    }
}
