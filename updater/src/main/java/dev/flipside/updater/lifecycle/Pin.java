package dev.flipside.updater.lifecycle;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The only version that a host may go to.
 *
 * @param until when the pin runs out by itself; empty: never
 */
public record Pin(String version, Optional<Instant> until) {
    public Pin {
        Objects.requireNonNull(version);
        Objects.requireNonNull(until);
    }

    /** A pin that only the operator takes away. */
    public static Pin to(String version) {
        return new Pin(version, Optional.empty());
    }

    public boolean holdsAt(Instant now) {
        return until.isEmpty() || now.isBefore(until.get());
    }
}
