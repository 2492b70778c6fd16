package dev.flipside.updater.health;

import java.util.Objects;

/**
 * What one check found.
 *
 * @param evidence what was looked at and what was there, in one line
 */
public record HealthResult(String name, Finding finding, String evidence) {
    public HealthResult {
        Objects.requireNonNull(name);
        Objects.requireNonNull(finding);
        evidence = OneLine.of(evidence);
    }

    /** What a check says of a release. */
    public enum Finding {
        PASSED("passed"),
        FAILED("failed"),
        /** Says nothing about the release; undoes nothing. */
        INDETERMINATE("indeterminate");

        private final String code;

        Finding(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    public boolean passed() {
        return finding == Finding.PASSED;
    }

    public boolean failed() {
        return finding == Finding.FAILED;
    }

    /** One line for people. */
    public String line() {
        return "%s: %s".formatted(name, evidence);
    }
}
