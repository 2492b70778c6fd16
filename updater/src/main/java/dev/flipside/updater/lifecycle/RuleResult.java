package dev.flipside.updater.lifecycle;

import java.util.Objects;

/**
 * What one rule said.
 *
 * @param change what would make a rule that holds pass; empty for one that passed
 */
public record RuleResult(Rule rule, boolean passed, String expected, String found, String change) {
    public RuleResult {
        Objects.requireNonNull(rule);
        Objects.requireNonNull(expected);
        Objects.requireNonNull(found);
        Objects.requireNonNull(change);
    }

    static RuleResult result(
            Rule rule, boolean passed, String expected, String found, String change) {
        return new RuleResult(rule, passed, expected, found, passed ? "" : change);
    }

    /** One line for people. */
    public String line() {
        return "%s: expected %s, found %s".formatted(rule.code(), expected, found);
    }
}
