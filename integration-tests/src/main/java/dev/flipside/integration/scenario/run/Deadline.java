package dev.flipside.integration.scenario.run;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** When something must be over, by a clock. */
record Deadline(InstantSource clock, Instant at) {
    static Deadline in(InstantSource clock, Duration length) {
        return new Deadline(clock, clock.instant().plus(length));
    }

    Deadline orIn(Duration length) {
        Instant other = clock.instant().plus(length);
        return other.isBefore(at) ? new Deadline(clock, other) : this;
    }

    /** What is left of it; nothing once it is over. */
    Duration left() {
        Duration left = Duration.between(clock.instant(), at);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** The same, but at most so much. */
    Duration atMost(Duration length) {
        Duration left = left();
        return left.compareTo(length) < 0 ? left : length;
    }

    boolean passed() {
        return left().isZero();
    }
}
