package dev.flipside.updater.lifecycle;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where a host is on its way from one release to the next. */
public sealed interface UpdateState {
    /** The stable name, as state file, API and documentation have it. */
    String name();

    /** The release that the host is on its way to, if it is on its way. */
    default Optional<Target> target() {
        return Optional.empty();
    }

    /** Nothing is going on. */
    record Idle() implements UpdateState {
        @Override
        public String name() {
            return "idle";
        }
    }

    /**
     * The repository is being asked.
     *
     * @param staged what stands ready in the inactive slot meanwhile
     */
    record Checking(Goal goal, Optional<Target> staged) implements UpdateState {
        public Checking {
            Objects.requireNonNull(goal);
            Objects.requireNonNull(staged);
        }

        @Override
        public String name() {
            return "checking";
        }

        @Override
        public Optional<Target> target() {
            return staged;
        }
    }

    /** There is a release to go to, and rules that say no. */
    record Held(String version, List<RuleResult> reasons) implements UpdateState {
        public Held {
            Objects.requireNonNull(version);
            reasons = List.copyOf(reasons);
        }

        @Override
        public String name() {
            return "held";
        }
    }

    /** The inactive slot is being emptied, written and read back; nothing can boot it. */
    record Staging(Target to) implements UpdateState {
        @Override
        public String name() {
            return "staging";
        }

        @Override
        public Optional<Target> target() {
            return Optional.of(to);
        }
    }

    /** The inactive slot holds the release, proven, and nothing boots it yet. */
    record Staged(Target to) implements UpdateState {
        @Override
        public String name() {
            return "staged";
        }

        @Override
        public Optional<Target> target() {
            return Optional.of(to);
        }
    }

    /** The slot gets its identity and its boot entry. */
    record Activating(Target to) implements UpdateState {
        @Override
        public String name() {
            return "activating";
        }

        @Override
        public Optional<Target> target() {
            return Optional.of(to);
        }
    }

    /** The next boot is the target's. */
    record RebootPending(Target to) implements UpdateState {
        @Override
        public String name() {
            return "reboot-pending";
        }

        @Override
        public Optional<Target> target() {
            return Optional.of(to);
        }
    }

    /** The target runs, and is not kept yet. Its release writes nothing but its trial. */
    record Trial(Target to) implements UpdateState {
        @Override
        public String name() {
            return "trial";
        }

        @Override
        public Optional<Target> target() {
            return Optional.of(to);
        }
    }

    /** The target runs and is kept. */
    record Committed(ReleaseRef release) implements UpdateState {
        @Override
        public String name() {
            return "committed";
        }
    }

    /** The release was undone. */
    record RolledBack(ReleaseRef release, RollbackReason reason) implements UpdateState {
        @Override
        public String name() {
            return "rolled-back";
        }
    }

    /** How far a check may go on its own. */
    enum Goal {
        CHECK("check"),
        STAGE("stage");

        private final String code;

        Goal(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
