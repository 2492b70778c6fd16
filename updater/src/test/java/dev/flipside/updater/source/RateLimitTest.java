package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RateLimitTest {
    private long nanos = Long.MAX_VALUE - 5_000_000_000L;
    private final List<Duration> waits = new ArrayList<>();

    private void waitFor(Duration duration) {
        waits.add(duration);
        nanos += duration.toNanos();
    }

    @Test
    void takesAsLongAsTheLimitSays() throws InterruptedException {
        RateLimit limit = new RateLimit(10_000, () -> nanos, this::waitFor);
        long begin = nanos;
        for (int i = 0; i < 1000; i++) {
            limit.took(1_000);
            nanos += 20_000_000;
        }
        assertEquals(100.0, (nanos - begin) / 1e9, 0.2);
    }

    @Test
    void doesNotHurryAfterAPause() throws InterruptedException {
        RateLimit limit = new RateLimit(1_000, () -> nanos, this::waitFor);
        limit.took(1_000);
        nanos += Duration.ofHours(1).toNanos();
        waits.clear();
        limit.took(1_000);
        limit.took(2_000);
        assertEquals(List.of(Duration.ofSeconds(2)), waits);
    }

    @Test
    void waitsForNothingWithoutALimit() throws InterruptedException {
        new RateLimit(0, () -> nanos, this::waitFor).took(Integer.MAX_VALUE);
        assertEquals(List.of(), waits);
    }

    @Test
    void jitterMakesWaitsLongerAndDifferentButNotByMoreThanHalf() throws InterruptedException {
        Jitter jitter = new Jitter(new SplittableRandom(5), waits::add);
        for (int i = 0; i < 200; i++) {
            jitter.waitFor(Duration.ofSeconds(10));
        }
        assertTrue(waits.stream().allMatch(it -> it.toMillis() >= 10_000));
        assertTrue(waits.stream().allMatch(it -> it.toMillis() <= 15_000));
        assertTrue(waits.stream().distinct().count() > 150, "seed 5: " + waits);
    }
}
