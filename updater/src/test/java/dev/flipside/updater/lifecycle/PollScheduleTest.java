package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PollScheduleTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration JITTER = Duration.ofMinutes(10);
    private static final PollSchedule SCHEDULE = new PollSchedule(INTERVAL, JITTER);
    private static final List<HostSeed> HOSTS =
            IntStream.range(0, 600).mapToObj(it -> new HostSeed("host-" + it)).toList();

    @Test
    void asksAfterTheIntervalAndWithinTheJitter() {
        for (HostSeed host : HOSTS) {
            Instant next = SCHEDULE.next(NOW, NOW, host);
            assertFalse(next.isBefore(NOW.plus(INTERVAL)), () -> host.machineId() + next);
            assertTrue(next.isBefore(NOW.plus(INTERVAL).plus(JITTER)), () -> host.machineId());
        }
    }

    @Test
    void spreadsHostsThatStartTogetherOverTheJitter() {
        Set<Long> minutes =
                HOSTS.stream()
                        .map(host -> SCHEDULE.first(NOW, host))
                        .map(first -> Duration.between(NOW, first).toMinutes())
                        .collect(Collectors.toSet());
        assertEquals(Set.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), minutes);
    }

    @Test
    void asksWithAnotherJitterEachTime() {
        HostSeed host = HOSTS.getFirst();
        Duration first = Duration.between(NOW, SCHEDULE.next(NOW, NOW, host));
        Instant later = NOW.plusSeconds(4000);
        assertFalse(first.equals(Duration.between(later, SCHEDULE.next(later, later, host))));
    }

    @Test
    void aClockThatJumpsBackKeepsNoHostFromAsking() {
        Instant lastByAWrongClock = Instant.parse("2099-01-01T00:00:00Z");
        Instant next = SCHEDULE.next(lastByAWrongClock, NOW, HOSTS.getFirst());
        assertTrue(next.isBefore(NOW.plus(INTERVAL).plus(JITTER)), next::toString);
    }

    @Test
    void looksAgainSoonAfterWhatADecisionWaitsFor() {
        Instant opens = NOW.plusSeconds(1200);
        Instant planned = NOW.plus(INTERVAL);
        for (HostSeed host : HOSTS) {
            Instant wake = SCHEDULE.wake(planned, Optional.of(opens), host);
            assertFalse(wake.isBefore(opens), host::machineId);
            assertTrue(wake.isBefore(opens.plus(JITTER)), host::machineId);
        }
        Optional<Instant> tomorrow = Optional.of(NOW.plus(Duration.ofDays(1)));
        assertEquals(planned, SCHEDULE.wake(planned, tomorrow, HOSTS.getFirst()));
        assertEquals(planned, SCHEDULE.wake(planned, Optional.empty(), HOSTS.getFirst()));
    }

    @Test
    void isDueAtOnceAfterALongTimeOff() {
        Instant next = SCHEDULE.next(NOW.minus(Duration.ofDays(30)), NOW, HOSTS.getFirst());
        assertTrue(next.isBefore(NOW), next::toString);
    }
}
