package dev.flipside.updater.lifecycle;

import dev.flipside.updater.lifecycle.UpdateState.Goal;
import java.util.Objects;

/** What can happen to a host, one at a time. */
public sealed interface UpdateEvent {
    /** The operator, or later the timer, wants to know, or to have, what the repository offers. */
    record CheckRequested(Goal goal) implements UpdateEvent {
        public CheckRequested {
            Objects.requireNonNull(goal);
        }
    }

    /** The repository was asked, and the planner has decided. */
    record Planned(Decision decision) implements UpdateEvent {
        public Planned {
            Objects.requireNonNull(decision);
        }
    }

    /** The repository could not be asked. */
    record CheckFailed() implements UpdateEvent {}

    /** The inactive slot holds the release, and its UKI is on the ESP. */
    record StageFinished() implements UpdateEvent {}

    /** A step of staging failed. */
    record StageFailed() implements UpdateEvent {}

    /** The operator wants to boot what is staged; the planner has said yes. */
    record ActivateRequested() implements UpdateEvent {}

    /** The boot entry is there. */
    record ActivateFinished() implements UpdateEvent {}

    /**
     * A step of activating failed.
     *
     * @param spoilt whether what was staged is not there any more as it was
     */
    record ActivateFailed(boolean spoilt) implements UpdateEvent {}

    /** The operator wants to return to the other slot; the planner has said yes. */
    record RollbackRequested(Target to) implements UpdateEvent {
        public RollbackRequested {
            Objects.requireNonNull(to);
        }
    }

    /** The operator takes an activation back. */
    record WithdrawRequested() implements UpdateEvent {}

    /** The target is not the next boot any more. */
    record WithdrawFinished() implements UpdateEvent {}

    /** The operator, or the policy, wants to reboot. */
    record RebootRequested() implements UpdateEvent {}

    /** The updater runs again after it was stopped or crashed; nothing is under way any more. */
    record Restarted() implements UpdateEvent {}

    /** The target was booted, and its entry still counts. */
    record TargetUnderTrial() implements UpdateEvent {}

    /** The target was booted, and its entry was marked good. */
    record TargetGood() implements UpdateEvent {}

    /** The target used up its tries, or was marked bad; the other slot was booted. */
    record TargetFellBack(RollbackReason reason) implements UpdateEvent {
        public TargetFellBack {
            Objects.requireNonNull(reason);
        }
    }

    /**
     * The target's entry is gone, or the loader takes another one before it: its last write was
     * lost, or failed.
     */
    record ActivationLost() implements UpdateEvent {}

    /** The target's slot runs, and holds another image: the disk was written by someone else. */
    record TargetReplaced() implements UpdateEvent {}

    /** The release that runs anyway was booted again, and its entry was marked good. */
    record RunningGood(String rootHash) implements UpdateEvent {
        public RunningGood {
            Objects.requireNonNull(rootHash);
        }
    }

    /** The release that was kept does not run any more; the other slot was booted. */
    record RunningFellBack(ReleaseRef release, RollbackReason reason) implements UpdateEvent {
        public RunningFellBack {
            Objects.requireNonNull(release);
            Objects.requireNonNull(reason);
        }
    }

    /** The target is kept, and its next boot is armed. */
    record CommitFinished() implements UpdateEvent {}

    /** A step of the commit failed. */
    record CommitFailed() implements UpdateEvent {}
}
