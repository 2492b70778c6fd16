package dev.flipside.updater.lifecycle;

import java.util.List;

/** What to do about a reboot that is pending, with every rule that was asked. */
public sealed interface RebootDecision {
    List<RuleResult> rules();

    /** Restart the machine. */
    record Restart(List<RuleResult> rules) implements RebootDecision {
        public Restart {
            rules = List.copyOf(rules);
        }
    }

    /** Ask somebody else, by the sentinel file. */
    record Announce(List<RuleResult> rules) implements RebootDecision {
        public Announce {
            rules = List.copyOf(rules);
        }
    }

    /** Nothing, as rules hold it, or as none is pending. */
    record Wait(List<RuleResult> rules) implements RebootDecision {
        public Wait {
            rules = List.copyOf(rules);
        }
    }
}
