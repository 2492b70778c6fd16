package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.updater.lifecycle.MaintenanceWindow.After;
import dev.flipside.updater.lifecycle.MaintenanceWindow.At;
import dev.flipside.updater.lifecycle.MaintenanceWindow.End;
import dev.flipside.updater.lifecycle.MaintenanceWindow.Opening;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MaintenanceWindowsTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Set<DayOfWeek> DAILY = EnumSet.allOf(DayOfWeek.class);
    private static final Set<DayOfWeek> WORKDAYS =
            EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY);
    private static final Set<DayOfWeek> WEEKEND = EnumSet.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY);

    /** Comes to every minute of the day, and every day of the week. */
    private static final Duration STRIDE = Duration.ofMinutes(781);

    /** Before, in, around and after the hours that clocks skip and show twice. */
    private static final List<MaintenanceWindow> WINDOWS =
            List.of(
                    lasting(DAILY, "02:30", Duration.ofHours(1)),
                    until(DAILY, "02:10", "02:50"),
                    until(DAILY, "01:30", "02:00"),
                    until(DAILY, "03:00", "03:30"),
                    until(DAILY, "00:15", "00:45"),
                    lasting(DAILY, "23:50", Duration.ofMinutes(20)),
                    until(WEEKEND, "22:00", "02:15"),
                    lasting(WORKDAYS, "22:00", Duration.ofHours(10)),
                    until(Set.of(DayOfWeek.SATURDAY), "00:00", "00:00"),
                    lasting(Set.of(DayOfWeek.FRIDAY), "20:00", Duration.ofDays(3)),
                    lasting(Set.of(DayOfWeek.SUNDAY), "01:59", Duration.ofMinutes(2)),
                    lasting(Set.of(DayOfWeek.WEDNESDAY), "12:00", Duration.ofMinutes(10_079)));

    /**
     * Six zones with daylight saving, of an hour and of half an hour, in either half of the year,
     * at midnight, and backwards for Ramadan; one without; and the year in which Samoa went without
     * a 30 December.
     */
    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026, 2",
        "America/New_York, 2026, 2",
        "Australia/Lord_Howe, 2026, 2",
        "Africa/Casablanca, 2026, 2",
        "America/Sao_Paulo, 2018, 2",
        "America/Nuuk, 2025, 2",
        "Asia/Kolkata, 2026, 0",
        "Pacific/Apia, 2011, 3"
    })
    void agreesWithSomeoneWhoLooksAtTheClockEachMinuteOfAYear(ZoneId zone, int year, int changes) {
        List<ZoneOffsetTransition> transitions = transitions(zone, year);
        assertEquals(changes, transitions.size(), () -> "clock changes: " + transitions);
        WallClock clock = WallClock.through(year, zone);
        for (MaintenanceWindow window : WINDOWS) {
            agree(clock, List.of(window), transitions);
        }
        agree(clock, WINDOWS.subList(0, 6), transitions);
        agree(clock, List.of(WINDOWS.get(2), WINDOWS.get(3), WINDOWS.get(7)), transitions);
    }

    private static void agree(
            WallClock clock,
            List<MaintenanceWindow> windows,
            List<ZoneOffsetTransition> transitions) {
        MaintenanceWindows code = new MaintenanceWindows(windows, clock.zone());
        WallClockWalk oracle = WallClockWalk.along(clock, windows);
        Instant from = Year.of(clock.year()).atDay(1).atStartOfDay(clock.zone()).toInstant();
        Instant until = Year.of(clock.year() + 1).atDay(1).atStartOfDay(clock.zone()).toInstant();
        List<Instant> moments = new ArrayList<>();
        for (Instant change : oracle.changes(from, until)) {
            moments.addAll(List.of(change.minusNanos(1), change, change.plusSeconds(1)));
        }
        for (ZoneOffsetTransition transition : transitions) {
            Instant change = transition.getInstant();
            for (int minute = -100; minute <= 100; minute++) {
                moments.add(change.plusSeconds(minute * 60L));
            }
        }
        for (Instant any = from; any.isBefore(until); any = any.plus(STRIDE)) {
            moments.add(any);
        }
        for (Instant moment : moments) {
            agree(code, oracle, moment);
        }
    }

    private static void agree(MaintenanceWindows code, WallClockWalk oracle, Instant moment) {
        boolean open = oracle.openAt(moment);
        Instant change = oracle.nextChange(moment);
        assertEquals(
                open, code.openAt(moment), () -> "open at %s: %s".formatted(moment, code.words()));
        if (open) {
            assertEquals(
                    Optional.of(change),
                    code.openingAt(moment).map(Opening::until),
                    () -> "open from %s: %s".formatted(moment, code.words()));
        } else {
            assertEquals(
                    Optional.of(change),
                    code.nextOpening(moment),
                    () -> "closed at %s: %s".formatted(moment, code.words()));
        }
    }

    private static List<ZoneOffsetTransition> transitions(ZoneId zone, int year) {
        Instant until = Year.of(year + 1).atDay(1).atStartOfDay(zone).toInstant();
        List<ZoneOffsetTransition> transitions = new ArrayList<>();
        Instant after = Year.of(year).atDay(1).atStartOfDay(zone).toInstant();
        ZoneOffsetTransition next = zone.getRules().nextTransition(after);
        while (next != null && next.getInstant().isBefore(until)) {
            transitions.add(next);
            next = zone.getRules().nextTransition(next.getInstant());
        }
        return transitions;
    }

    @Test
    void opensAtTheMomentOfTheSkipWhenTheClockSkipsTheStart() {
        MaintenanceWindows windows = berlin(lasting(DAILY, "02:30", Duration.ofHours(1)));
        assertEquals(
                Optional.of(opening("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z")),
                windows.openingAt(Instant.parse("2026-03-29T01:00:00Z")));
    }

    @Test
    void opensOnceWhenTheClockShowsTheStartTwice() {
        MaintenanceWindows windows = berlin(lasting(DAILY, "02:30", Duration.ofMinutes(20)));
        assertTrue(windows.openAt(Instant.parse("2026-10-25T00:30:00Z")));
        assertFalse(windows.openAt(Instant.parse("2026-10-25T01:30:00Z")));
    }

    @Test
    void aLengthIsTheSameOnEveryDayAndAnEndIsTheSameOnEveryClock() {
        MaintenanceWindows lasting = berlin(lasting(DAILY, "22:00", Duration.ofHours(8)));
        MaintenanceWindows until = berlin(until(DAILY, "22:00", "06:00"));
        Instant beforeSummer = Instant.parse("2026-03-28T21:30:00Z");
        Instant beforeWinter = Instant.parse("2026-10-24T21:30:00Z");
        assertEquals(
                Optional.of(opening("2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z")),
                lasting.openingAt(beforeSummer));
        assertEquals(
                Optional.of(opening("2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z")),
                until.openingAt(beforeSummer));
        assertEquals(
                Optional.of(opening("2026-10-24T20:00:00Z", "2026-10-25T04:00:00Z")),
                lasting.openingAt(beforeWinter));
        assertEquals(
                Optional.of(opening("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z")),
                until.openingAt(beforeWinter));
    }

    @Test
    void staysClosedOnTheDayWhoseClockSkipsTheWholeWindow() {
        MaintenanceWindows windows = berlin(until(Set.of(DayOfWeek.SUNDAY), "02:00", "03:00"));
        assertEquals(
                Optional.of(Instant.parse("2026-04-05T00:00:00Z")),
                windows.nextOpening(Instant.parse("2026-03-23T00:00:00Z")));
    }

    @Test
    void takesWindowsThatTouchAsOne() {
        MaintenanceWindows windows =
                berlin(until(DAILY, "04:00", "05:00"), until(WORKDAYS, "05:00", "06:00"));
        assertEquals(
                Optional.of(opening("2026-07-01T02:00:00Z", "2026-07-01T04:00:00Z")),
                windows.openingAt(Instant.parse("2026-07-01T02:30:00Z")));
        assertEquals(
                Optional.of(opening("2026-07-04T02:00:00Z", "2026-07-04T03:00:00Z")),
                windows.openingAt(Instant.parse("2026-07-04T02:30:00Z")));
    }

    @Test
    void isAlwaysOpenWithoutAWindow() {
        MaintenanceWindows always = MaintenanceWindows.always(ZoneOffset.UTC);
        assertTrue(always.openAt(Instant.EPOCH));
        assertEquals(Optional.empty(), always.nextOpening(Instant.EPOCH));
    }

    @Test
    void readsAsItIsConfigured() {
        assertEquals(
                "daily 02:30 1h; Sat,Sun 22:00-02:15 (Europe/Berlin)",
                berlin(WINDOWS.get(0), WINDOWS.get(6)).words());
    }

    @Test
    void refusesAWindowThatNeverOpensOrNeverCloses() {
        assertThrows(
                IllegalArgumentException.class,
                () -> lasting(Set.of(), "02:00", Duration.ofHours(1)));
        for (Duration length : List.of(Duration.ZERO, Duration.ofDays(8))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> lasting(DAILY, "02:00", length),
                    length::toString);
        }
    }

    private static MaintenanceWindows berlin(MaintenanceWindow... windows) {
        return new MaintenanceWindows(List.of(windows), BERLIN);
    }

    private static Opening opening(String from, String until) {
        return new Opening(Instant.parse(from), Instant.parse(until));
    }

    private static MaintenanceWindow lasting(Set<DayOfWeek> days, String start, Duration length) {
        return window(days, start, new After(length));
    }

    private static MaintenanceWindow until(Set<DayOfWeek> days, String start, String end) {
        return window(days, start, new At(LocalTime.parse(end)));
    }

    private static MaintenanceWindow window(Set<DayOfWeek> days, String start, End end) {
        return new MaintenanceWindow(days, LocalTime.parse(start), end);
    }
}
