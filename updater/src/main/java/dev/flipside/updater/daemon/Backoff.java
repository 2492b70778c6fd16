package dev.flipside.updater.daemon;

import java.time.Duration;
import java.time.Instant;

/** How long to leave alone what fails again and again. */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private Duration pause = Duration.ZERO;
    private Instant failedAt = Instant.EPOCH;

    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    void failed(Instant now) {
        Duration twice = pause.isZero() ? first : pause.multipliedBy(2);
        pause = twice.compareTo(longest) > 0 ? longest : twice;
        failedAt = now;
    }

    void succeeded() {
        pause = Duration.ZERO;
    }

    /** Over as well when the clock was set back: nobody knows how long ago the failure was. */
    boolean isOver(Instant now) {
        return now.isBefore(failedAt) || !now.isBefore(failedAt.plus(pause));
    }
}
