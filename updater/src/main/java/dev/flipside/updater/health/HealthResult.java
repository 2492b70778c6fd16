package dev.flipside.updater.health;

import dev.flipside.failure.Failure;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

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

    /**
     * On a {@code /var} that could not be mounted: the other slot is asked, which may be able to,
     * and the only release that boots is kept.
     *
     * @param inMemory whether {@code /var} is a temporary one
     * @param otherCanBoot whether an entry of the other slot has tries left, or needs none
     */
    public static Optional<HealthResult> ofVar(boolean inMemory, boolean otherCanBoot) {
        if (!inMemory) {
            return Optional.empty();
        }
        String found = "expected a /var that stays, found a temporary one, in memory; ";
        return Optional.of(
                new HealthResult(
                        "/var",
                        otherCanBoot ? Finding.FAILED : Finding.INDETERMINATE,
                        found
                                + (otherCanBoot
                                        ? "the other slot may mount it"
                                        : "no other slot can boot")));
    }

    /** On a {@code /var} that is full, which another release would find as full. */
    public static HealthResult ofFullVar(IOException full) {
        return new HealthResult(
                "/var",
                Finding.INDETERMINATE,
                "expected room to write down this trial, found " + full.getMessage());
    }

    /** On a configuration that is not understood: no fault of the release, which has its own. */
    public static HealthResult ofConfiguration(Failure misread) {
        return new HealthResult("configuration", Finding.INDETERMINATE, misread.line());
    }

    /** One line for people. */
    public String line() {
        return "%s: %s".formatted(name, evidence);
    }
}
