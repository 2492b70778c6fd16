package dev.flipside.updater.lifecycle;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A time that comes again every week, in which a host may change.
 *
 * <p>It opens at the first moment at which the clock on the wall has reached {@code start} on one
 * of the days: a time that the clock skips is the moment of the skip, and one that it shows twice
 * is the first of the two. So it opens once for each of its days, whatever the clock does.
 */
public record MaintenanceWindow(Set<DayOfWeek> days, LocalTime start, End end) {
    /** A longer one would be open always. */
    public static final Duration MAX_LENGTH = Duration.ofDays(7);

    public MaintenanceWindow {
        days = Set.copyOf(days);
        Objects.requireNonNull(start);
        Objects.requireNonNull(end);
        if (days.isEmpty()) {
            throw new IllegalArgumentException("a window without a day");
        }
    }

    /** When a window that is open closes. */
    public sealed interface End {}

    /**
     * So long after it opened, whatever the clock on the wall does: the host always has this much
     * time.
     */
    public record After(Duration length) implements End {
        public After {
            if (!length.isPositive() || length.compareTo(MAX_LENGTH) > 0) {
                throw new IllegalArgumentException("a window of " + length);
            }
        }
    }

    /**
     * When the clock on the wall reaches a time: nothing ever happens after it. On the same day, or
     * on the next one when the time is not after the start.
     */
    public record At(LocalTime time) implements End {
        public At {
            Objects.requireNonNull(time);
        }
    }

    /** A time from one moment up to, and without, another. */
    public record Opening(Instant from, Instant until) {
        public Opening {
            if (!from.isBefore(until)) {
                throw new IllegalArgumentException(
                        "an opening from %s to %s".formatted(from, until));
            }
        }

        public boolean contains(Instant moment) {
            return !moment.isBefore(from) && moment.isBefore(until);
        }
    }

    /**
     * The opening of one day; empty on the other days, and where the clock skips the window as a
     * whole.
     */
    Optional<Opening> on(LocalDate day, ZoneId zone) {
        if (!days.contains(day.getDayOfWeek())) {
            return Optional.empty();
        }
        Instant from = reached(day.atTime(start), zone);
        Instant until =
                switch (end) {
                    case After(Duration length) -> from.plus(length);
                    case At(LocalTime time) ->
                            reached(
                                    (time.isAfter(start) ? day : day.plusDays(1)).atTime(time),
                                    zone);
                };
        return from.isBefore(until) ? Optional.of(new Opening(from, until)) : Optional.empty();
    }

    /** The first moment at which a clock in the zone shows this time, or has passed it. */
    static Instant reached(LocalDateTime local, ZoneId zone) {
        ZoneRules rules = zone.getRules();
        ZoneOffsetTransition transition = rules.getTransition(local);
        return transition != null && transition.isGap()
                ? transition.getInstant()
                : local.toInstant(rules.getValidOffsets(local).getFirst());
    }

    /** As the configuration has it. */
    public String words() {
        return "%s %s%s".formatted(daysInWords(), start, endInWords());
    }

    private String endInWords() {
        return switch (end) {
            case After(Duration length) -> " " + TimeWords.of(length);
            case At(LocalTime time) -> "-" + time;
        };
    }

    private String daysInWords() {
        if (days.size() == DayOfWeek.values().length) {
            return "daily";
        }
        return String.join(
                ",", EnumSet.copyOf(days).stream().map(MaintenanceWindow::dayInWords).toList());
    }

    /** As {@code systemd.time} abbreviates it. */
    public static String dayInWords(DayOfWeek day) {
        return switch (day) {
            case MONDAY -> "Mon";
            case TUESDAY -> "Tue";
            case WEDNESDAY -> "Wed";
            case THURSDAY -> "Thu";
            case FRIDAY -> "Fri";
            case SATURDAY -> "Sat";
            case SUNDAY -> "Sun";
        };
    }
}
