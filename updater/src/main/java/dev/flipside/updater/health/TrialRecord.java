package dev.flipside.updater.health;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What one counted boot has written down about itself: {@code trials/SEQUENCE-BOOTID.json}.
 *
 * @param sequence of the entry that was booted
 * @param rootHash of the image that ran, in lowercase hex
 * @param lines the failed checks, each with what it found
 */
public record TrialRecord(
        long sequence,
        String bootId,
        String rootHash,
        Outcome outcome,
        Instant at,
        List<String> lines) {
    public TrialRecord {
        Objects.requireNonNull(bootId);
        Objects.requireNonNull(rootHash);
        Objects.requireNonNull(outcome);
        Objects.requireNonNull(at);
        lines = List.copyOf(lines);
    }

    /** How far a trial came. */
    public enum Outcome {
        STARTED("started"),
        PASSED("passed"),
        FAILED("failed");

        private final String code;

        Outcome(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
