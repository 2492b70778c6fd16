package dev.flipside.updater.lifecycle;

import dev.flipside.updater.lifecycle.MaintenanceWindow.Opening;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * When a host may change: in any of its windows, by the clock of one zone; always, when it has no
 * window.
 */
public record MaintenanceWindows(List<MaintenanceWindow> windows, ZoneId zone) {
    /**
     * Days before today whose windows may still be open: the longest one, and a day of the zone.
     */
    private static final int DAYS_BACK = (int) MaintenanceWindow.MAX_LENGTH.toDays() + 2;

    /** A window that a zone skips in one week opens in the next. */
    private static final int DAYS_AHEAD = 16;

    public MaintenanceWindows {
        windows = List.copyOf(windows);
        Objects.requireNonNull(zone);
    }

    /** No windows: every time will do. */
    public static MaintenanceWindows always(ZoneId zone) {
        return new MaintenanceWindows(List.of(), zone);
    }

    public boolean openAt(Instant now) {
        return windows.isEmpty() || openingAt(now).isPresent();
    }

    /**
     * The time around now in which a window is open; those that touch are one. Empty when all are
     * closed, and when there is none.
     */
    public Optional<Opening> openingAt(Instant now) {
        return openingsAround(now).stream().filter(it -> it.contains(now)).findFirst();
    }

    /** When a closed window opens next; empty when that is not within two weeks. */
    public Optional<Instant> nextOpening(Instant now) {
        return openingsAround(now).stream()
                .map(Opening::from)
                .filter(from -> from.isAfter(now))
                .findFirst();
    }

    /** All that may matter now, in order, with a closed time after each. */
    private List<Opening> openingsAround(Instant now) {
        LocalDate today = now.atZone(zone).toLocalDate();
        List<Opening> all = new ArrayList<>();
        for (int day = -DAYS_BACK; day <= DAYS_AHEAD; day++) {
            for (MaintenanceWindow window : windows) {
                window.on(today.plusDays(day), zone).ifPresent(all::add);
            }
        }
        all.sort(Comparator.comparing(Opening::from));
        List<Opening> apart = new ArrayList<>();
        for (Opening next : all) {
            if (!apart.isEmpty() && !next.from().isAfter(apart.getLast().until())) {
                Opening last = apart.removeLast();
                Instant until = last.until().isAfter(next.until()) ? last.until() : next.until();
                apart.add(new Opening(last.from(), until));
            } else {
                apart.add(next);
            }
        }
        return apart;
    }

    /** For people: the windows and their zone. */
    public String words() {
        return windows.isEmpty()
                ? "any time"
                : "%s (%s)"
                        .formatted(
                                String.join(
                                        "; ",
                                        windows.stream().map(MaintenanceWindow::words).toList()),
                                zone);
    }
}
