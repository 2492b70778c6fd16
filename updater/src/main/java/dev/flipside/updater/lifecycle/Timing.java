package dev.flipside.updater.lifecycle;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Objects;

/**
 * When a host may change.
 *
 * @param minimumAge how old a release must be before its channel brings it here
 * @param waves whether the host waits for its wave
 */
public record Timing(
        MaintenanceWindows windows, StagingTime staging, Duration minimumAge, boolean waves) {
    public Timing {
        Objects.requireNonNull(windows);
        Objects.requireNonNull(staging);
        Objects.requireNonNull(minimumAge);
    }

    /** Windows at any time, and nothing else that the host would wait for but its wave. */
    public static Timing any() {
        return new Timing(
                MaintenanceWindows.always(ZoneId.of("UTC")),
                StagingTime.WINDOW,
                Duration.ZERO,
                true);
    }

    public ZoneId zone() {
        return windows.zone();
    }
}
