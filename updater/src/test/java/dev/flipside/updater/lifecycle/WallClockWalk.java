package dev.flipside.updater.lifecycle;

import dev.flipside.updater.lifecycle.MaintenanceWindow.After;
import dev.flipside.updater.lifecycle.MaintenanceWindow.At;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * An oracle for windows: someone who looks at the clock on the wall each minute of a year, opens
 * the window when the clock has reached its start, and closes it when the clock has reached its end
 * or when the minutes that it lasts have been counted. Never asks what moment a local time is,
 * which is what the code under test does.
 */
final class WallClockWalk {
    private final Instant start;
    private final boolean[] open;

    /** For each minute, the next one in which it changes whether a window is open. */
    private final int[] nextChange;

    private WallClockWalk(Instant start, boolean[] open) {
        this.start = start;
        this.open = open;
        this.nextChange = new int[open.length];
        for (int minute = open.length - 1; minute >= 0; minute--) {
            boolean last = minute == open.length - 1;
            nextChange[minute] =
                    last || open[minute] != open[minute + 1] ? minute + 1 : nextChange[minute + 1];
        }
    }

    static WallClockWalk along(WallClock clock, List<MaintenanceWindow> windows) {
        boolean[] open = new boolean[clock.shows().size()];
        for (MaintenanceWindow window : windows) {
            Watch watch = new Watch(window, clock.firstDay().plusDays(2), clock.endDay());
            for (int minute = 0; minute < open.length; minute++) {
                open[minute] |= watch.look(clock.shows().get(minute));
            }
        }
        return new WallClockWalk(clock.start(), open);
    }

    /** One window, watched. */
    private static final class Watch {
        private final MaintenanceWindow window;
        private final Queue<LocalDate> toCome = new ArrayDeque<>();
        private final List<LocalDateTime> closings = new ArrayList<>();
        private final List<Long> minutesLeft = new ArrayList<>();

        Watch(MaintenanceWindow window, LocalDate from, LocalDate to) {
            this.window = window;
            Set<DayOfWeek> days = window.days();
            from.datesUntil(to).filter(it -> days.contains(it.getDayOfWeek())).forEach(toCome::add);
        }

        boolean look(LocalDateTime clock) {
            minutesLeft.replaceAll(minutes -> minutes - 1);
            while (!toCome.isEmpty() && !clock.isBefore(toCome.peek().atTime(window.start()))) {
                open(toCome.remove());
            }
            minutesLeft.removeIf(minutes -> minutes == 0);
            closings.removeIf(closing -> !clock.isBefore(closing));
            return !minutesLeft.isEmpty() || !closings.isEmpty();
        }

        private void open(LocalDate day) {
            switch (window.end()) {
                case After after -> minutesLeft.add(after.length().toMinutes());
                case At at -> {
                    boolean sameDay = at.time().isAfter(window.start());
                    closings.add((sameDay ? day : day.plusDays(1)).atTime(at.time()));
                }
            }
        }
    }

    /** Whether a window is open in the minute that has this moment in it. */
    boolean openAt(Instant moment) {
        return open[minute(moment)];
    }

    /** The next minute after this moment in which it changes whether a window is open. */
    Instant nextChange(Instant moment) {
        return start.plusSeconds(nextChange[minute(moment)] * 60L);
    }

    /** All minutes of a time in which a window opens or closes. */
    List<Instant> changes(Instant from, Instant until) {
        List<Instant> changes = new ArrayList<>();
        for (Instant it = nextChange(from); it.isBefore(until); it = nextChange(it)) {
            changes.add(it);
        }
        return changes;
    }

    private int minute(Instant moment) {
        return (int) Math.floorDiv(moment.getEpochSecond() - start.getEpochSecond(), 60);
    }
}
