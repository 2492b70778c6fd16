package dev.flipside.updater.lifecycle;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What one rule said.
 *
 * @param change what would make a rule that holds pass; empty for one that passed
 * @param passesAt when a rule that holds may pass by itself; empty for one that passed, and for one
 *     that time does not change
 */
public record RuleResult(
        Rule rule,
        boolean passed,
        String expected,
        String found,
        String change,
        Optional<Instant> passesAt) {
    public RuleResult {
        Objects.requireNonNull(rule);
        Objects.requireNonNull(expected);
        Objects.requireNonNull(found);
        Objects.requireNonNull(change);
        Objects.requireNonNull(passesAt);
    }

    /** One that time does not change. */
    public RuleResult(Rule rule, boolean passed, String expected, String found, String change) {
        this(rule, passed, expected, found, change, Optional.empty());
    }

    static RuleResult result(
            Rule rule, boolean passed, String expected, String found, String change) {
        return new RuleResult(rule, passed, expected, found, passed ? "" : change);
    }

    /** The same answer, which time may change. */
    RuleResult untilAt(Optional<Instant> moment) {
        return passed ? this : new RuleResult(rule, false, expected, found, change, moment);
    }

    /** One line for people. */
    public String line() {
        return "%s: expected %s, found %s".formatted(rule.code(), expected, found);
    }
}
