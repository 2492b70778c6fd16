package dev.flipside.updater.lifecycle;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where a host is on its way from one release to the next. */
public sealed interface UpdateState {
    /** The stable name, as state file, API and documentation have it. */
    default String name() {
        return switch (this) {
            case Idle _ -> "idle";
            case Checking _ -> "checking";
            case Held _ -> "held";
            case Staging _ -> "staging";
            case Staged _ -> "staged";
            case Activating _ -> "activating";
            case RebootPending _ -> "reboot-pending";
            case Trial _ -> "trial";
            case Committed _ -> "committed";
            case RolledBack _ -> "rolled-back";
        };
    }

    /** The release that the host is on its way to, if it is on its way. */
    default Optional<Target> target() {
        return switch (this) {
            case Checking(_, Optional<Target> staged) -> staged;
            case Staging(Target to) -> Optional.of(to);
            case Staged(Target to) -> Optional.of(to);
            case Activating(Target to) -> Optional.of(to);
            case RebootPending(Target to) -> Optional.of(to);
            case Trial(Target to) -> Optional.of(to);
            case Idle(), Held(_, _), Committed(_), RolledBack(_, _) -> Optional.empty();
        };
    }

    /** Nothing is going on. */
    record Idle() implements UpdateState {}

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
    }

    /** There is a release to go to, and rules that say no. */
    record Held(String version, List<RuleResult> reasons) implements UpdateState {
        public Held {
            Objects.requireNonNull(version);
            reasons = List.copyOf(reasons);
        }
    }

    /** The inactive slot is being emptied, written and read back; nothing can boot it. */
    record Staging(Target to) implements UpdateState {}

    /** The inactive slot holds the release, proven, and nothing boots it yet. */
    record Staged(Target to) implements UpdateState {}

    /** The slot gets its identity and its boot entry. */
    record Activating(Target to) implements UpdateState {}

    /** The next boot is the target's. */
    record RebootPending(Target to) implements UpdateState {}

    /** The target runs, and is not kept yet. Its release writes nothing but its trial. */
    record Trial(Target to) implements UpdateState {}

    /** The target runs and is kept. */
    record Committed(ReleaseRef release) implements UpdateState {}

    /** The release was undone. */
    record RolledBack(ReleaseRef release, RollbackReason reason) implements UpdateState {}

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
