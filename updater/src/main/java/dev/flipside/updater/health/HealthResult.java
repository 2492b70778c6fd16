package dev.flipside.updater.health;

import java.util.Objects;

/**
 * What one check found.
 *
 * @param evidence what was looked at and what was there, in one line
 */
public record HealthResult(String name, boolean passed, String evidence) {
    public HealthResult {
        Objects.requireNonNull(name);
        Objects.requireNonNull(evidence);
    }

    /** One line for people. */
    public String line() {
        return "%s: %s".formatted(name, evidence);
    }
}
