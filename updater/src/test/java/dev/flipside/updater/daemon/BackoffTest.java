package dev.flipside.updater.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private final Backoff backoff = new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(5));

    @Test
    void waitsTwiceAsLongAfterEachFailureUpToALimit() {
        assertTrue(backoff.isOver(NOON));
        List<Integer> pauses = Stream.generate(this::secondsAfterAFailure).limit(8).toList();
        assertEquals(List.of(5, 10, 20, 40, 80, 160, 300, 300), pauses);
        backoff.succeeded();
        assertTrue(backoff.isOver(NOON));
        assertEquals(5, secondsAfterAFailure());
    }

    private int secondsAfterAFailure() {
        backoff.failed(NOON);
        int seconds = 0;
        while (!backoff.isOver(NOON.plusSeconds(seconds))) {
            seconds++;
        }
        return seconds;
    }

    @Test
    void aClockThatIsSetBackKeepsNobodyWaiting() {
        backoff.failed(NOON);
        assertFalse(backoff.isOver(NOON));
        assertTrue(backoff.isOver(NOON.minus(Duration.ofDays(4000))));
    }
}
