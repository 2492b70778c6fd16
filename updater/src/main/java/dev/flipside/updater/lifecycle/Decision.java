package dev.flipside.updater.lifecycle;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What to do about an update, with every rule that was asked, in order. */
public sealed interface Decision {
    List<RuleResult> rules();

    /** One line for people. */
    String line();

    /** Go to the target. */
    record Proceed(Target target, List<RuleResult> rules) implements Decision {
        public Proceed {
            Objects.requireNonNull(target);
            rules = List.copyOf(rules);
        }

        @Override
        public String line() {
            return "go to %s in slot %s".formatted(target.release().version(), target.slot());
        }
    }

    /** There is nowhere to go. */
    record Nothing(String reason, List<RuleResult> rules) implements Decision {
        public Nothing {
            Objects.requireNonNull(reason);
            rules = List.copyOf(rules);
        }

        @Override
        public String line() {
            return reason;
        }
    }

    /** There is somewhere to go, and at least one rule says no. */
    record Hold(String version, List<RuleResult> rules) implements Decision {
        public Hold {
            Objects.requireNonNull(version);
            rules = List.copyOf(rules);
            if (rules.stream().allMatch(RuleResult::passed)) {
                throw new IllegalArgumentException("a hold without a reason");
            }
        }

        /** The rules that say no, the first one first. */
        public List<RuleResult> reasons() {
            return rules.stream().filter(rule -> !rule.passed()).toList();
        }

        /**
         * The earliest moment at which time alone may have let the release through; empty where
         * somebody has to do something.
         */
        public Optional<Instant> notBefore() {
            return reasons().stream().allMatch(rule -> rule.passesAt().isPresent())
                    ? reasons().stream()
                            .flatMap(rule -> rule.passesAt().stream())
                            .max(Comparator.naturalOrder())
                    : Optional.empty();
        }

        @Override
        public String line() {
            return "%s is held: %s"
                    .formatted(
                            version,
                            String.join("; ", reasons().stream().map(RuleResult::line).toList()));
        }
    }
}
