package dev.flipside.updater.lifecycle;

import java.util.List;
import java.util.Objects;

/**
 * Why a host does not run the release that it was to run.
 *
 * @param evidence one line for each thing that was seen, as a failed check with its output
 */
public record RollbackReason(Cause cause, List<String> evidence) {
    public RollbackReason {
        Objects.requireNonNull(cause);
        evidence = List.copyOf(evidence);
    }

    /** What undid a release. Codes are stable. */
    public enum Cause {
        /** A health check said no. */
        HEALTH_CHECK_FAILED("health-check-failed", "a health check failed"),
        /** All tries were used up and no trial was ever written down. */
        NEVER_REACHED_USER_SPACE("never-reached-user-space", "it never reached user space"),
        /** User space was reached, and the trial had no end, or the entry was not marked good. */
        TRIAL_NOT_FINISHED("trial-not-finished", "its trial began and was not finished"),
        /** The host came up, and nothing ever judged it. */
        TRIAL_NOT_BEGUN("trial-not-begun", "it came up, and its trial never began"),
        /** The kernel panicked in a try. */
        KERNEL_PANIC("kernel-panic", "its kernel panicked"),
        /** The last try ended with a hardware watchdog's reset. */
        WATCHDOG_RESET("watchdog-reset", "it hung until a watchdog reset the machine"),
        /** An operator asked for the other slot. */
        OPERATOR("operator", "an operator rolled it back"),
        /** Its entry is as good as before, so someone chose another one in the loader's menu. */
        CHOSEN_BY_HAND("chosen-by-hand", "another entry was chosen at the boot menu"),
        /** Written down by a newer release than the one that reads it. */
        OTHER("other", "a reason that only a newer updater knows");

        private final String code;
        private final String words;

        Cause(String code, String words) {
            this.code = code;
            this.words = words;
        }

        public String code() {
            return code;
        }

        /** The cause as the end of a sentence that began with the release. */
        public String words() {
            return words;
        }
    }

    /** One line for people. */
    public String line() {
        return evidence.isEmpty()
                ? cause.words()
                : "%s: %s".formatted(cause.words(), String.join("; ", evidence));
    }
}
