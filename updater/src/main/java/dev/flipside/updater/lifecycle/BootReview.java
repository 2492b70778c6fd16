package dev.flipside.updater.lifecycle;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Tells what the latest boot means for an update, by comparing what was written down with what
 * runs. Pure.
 */
public final class BootReview {
    private BootReview() {}

    /**
     * What is so after a boot.
     *
     * @param otherEntry the entries of the slot that does not run
     * @param otherIsNext whether the loader would start one of them, were the machine restarted now
     * @param running what was kept last, and its slot; empty on a host that has never kept anything
     * @param trial what was written down by trials of the slot that does not run
     */
    public record Facts(
            SlotName bootedSlot,
            String bootedRootHash,
            BootStanding standing,
            OtherEntry otherEntry,
            boolean otherIsNext,
            Optional<Running> running,
            TrialEvidence trial) {
        public Facts {
            Objects.requireNonNull(bootedSlot);
            Objects.requireNonNull(bootedRootHash);
            Objects.requireNonNull(standing);
            Objects.requireNonNull(otherEntry);
            Objects.requireNonNull(running);
            Objects.requireNonNull(trial);
        }
    }

    /** The release that was kept last. */
    public record Running(SlotName slot, ReleaseRef release) {}

    /** What has become of the entries that boot the slot which does not run. */
    public enum OtherEntry {
        /** None is there. */
        ABSENT,
        /** One has tries left, or needs none. */
        BOOTABLE,
        /** All are out of tries. */
        BAD
    }

    /** What the trials of a release have written down. */
    public sealed interface TrialEvidence {
        /** Nothing. */
        record None() implements TrialEvidence {}

        /** A trial began, and neither failed nor ended with an entry that is marked good. */
        record Unfinished(List<String> lines) implements TrialEvidence {
            public Unfinished {
                lines = List.copyOf(lines);
            }
        }

        /** A boot was given up before its trial began: by systemd, without the updater. */
        record NotBegun(List<String> lines) implements TrialEvidence {
            public NotBegun {
                lines = List.copyOf(lines);
            }
        }

        /** The kernel panicked while the release was tried. */
        record Panicked(List<String> lines) implements TrialEvidence {
            public Panicked {
                lines = List.copyOf(lines);
            }
        }

        /** A watchdog says that it has ended the boot before this one. */
        record WatchdogReset(List<String> lines) implements TrialEvidence {
            public WatchdogReset {
                lines = List.copyOf(lines);
            }
        }

        /** A trial failed. */
        record Failed(List<String> lines) implements TrialEvidence {
            public Failed {
                lines = List.copyOf(lines);
            }
        }
    }

    /** The event that the state has not seen yet; empty when state and boot agree. */
    public static Optional<UpdateEvent> event(UpdateState state, Facts facts) {
        if (state instanceof UpdateState.Staging) {
            return Optional.of(new UpdateEvent.Restarted());
        }
        if (state.target().isPresent()) {
            Optional<UpdateEvent> ofTarget = ofTarget(state, state.target().get(), facts);
            if (ofTarget.isPresent()) {
                return ofTarget;
            }
        } else if (fellBack(facts)) {
            return facts.running()
                    .map(it -> new UpdateEvent.RunningFellBack(it.release(), reason(facts)));
        }
        return switch (state) {
            case UpdateState.Checking(_, _), UpdateState.Staging(_), UpdateState.Activating(_) ->
                    Optional.of(new UpdateEvent.Restarted());
            case UpdateState.Trial(Target to) ->
                    facts.bootedSlot() == to.slot()
                            ? Optional.empty()
                            : Optional.of(new UpdateEvent.Restarted());
            case UpdateState.Idle(),
                    UpdateState.Held(_, _),
                    UpdateState.Staged(_),
                    UpdateState.RebootPending(_),
                    UpdateState.Committed(_),
                    UpdateState.RolledBack(_, _) ->
                    facts.standing() == BootStanding.GOOD
                            ? Optional.of(new UpdateEvent.RunningGood(facts.bootedRootHash()))
                            : Optional.empty();
        };
    }

    private static Optional<UpdateEvent> ofTarget(UpdateState state, Target target, Facts facts) {
        if (facts.bootedSlot() == target.slot()) {
            return runs(target, facts)
                    ? ofRunningTarget(state, facts)
                    : Optional.of(new UpdateEvent.TargetReplaced());
        }
        boolean wasBootable =
                switch (state) {
                    case UpdateState.Activating(_),
                            UpdateState.RebootPending(_),
                            UpdateState.Trial(_) ->
                            true;
                    case UpdateState.Staged(_), UpdateState.Checking(_, _) ->
                            facts.otherEntry() != OtherEntry.ABSENT;
                    case UpdateState.Idle(),
                            UpdateState.Held(_, _),
                            UpdateState.Staging(_),
                            UpdateState.Committed(_),
                            UpdateState.RolledBack(_, _) ->
                            false;
                };
        if (!wasBootable) {
            return Optional.empty();
        }
        return switch (facts.otherEntry()) {
            case BAD -> Optional.of(new UpdateEvent.TargetFellBack(reason(facts)));
            case BOOTABLE ->
                    state instanceof UpdateState.RebootPending && !facts.otherIsNext()
                            ? Optional.of(new UpdateEvent.ActivationLost())
                            : Optional.empty();
            case ABSENT -> lost(state, facts);
        };
    }

    private static Optional<UpdateEvent> lost(UpdateState state, Facts facts) {
        if (!(facts.trial() instanceof TrialEvidence.None)) {
            return Optional.of(new UpdateEvent.TargetFellBack(reason(facts)));
        }
        return state instanceof UpdateState.RebootPending
                ? Optional.of(new UpdateEvent.ActivationLost())
                : Optional.empty();
    }

    private static Optional<UpdateEvent> ofRunningTarget(UpdateState state, Facts facts) {
        return switch (facts.standing()) {
            case UNDER_TRIAL, UNCOUNTED ->
                    state instanceof UpdateState.Trial
                            ? Optional.empty()
                            : Optional.of(new UpdateEvent.TargetUnderTrial());
            case GOOD, COMMITTED -> Optional.of(new UpdateEvent.TargetGood());
            case UNKNOWN -> Optional.empty();
        };
    }

    private static boolean runs(Target target, Facts facts) {
        return target.release().rootHash().equals(facts.bootedRootHash());
    }

    private static boolean fellBack(Facts facts) {
        return facts.running().filter(it -> it.slot() != facts.bootedSlot()).isPresent();
    }

    private static RollbackReason reason(Facts facts) {
        return switch (facts.trial()) {
            case TrialEvidence.Failed(List<String> lines) ->
                    new RollbackReason(RollbackReason.Cause.HEALTH_CHECK_FAILED, lines);
            case TrialEvidence.Unfinished(List<String> lines) ->
                    new RollbackReason(RollbackReason.Cause.TRIAL_NOT_FINISHED, lines);
            case TrialEvidence.NotBegun(List<String> lines) ->
                    new RollbackReason(RollbackReason.Cause.TRIAL_NOT_BEGUN, lines);
            case TrialEvidence.Panicked(List<String> lines) ->
                    new RollbackReason(RollbackReason.Cause.KERNEL_PANIC, lines);
            case TrialEvidence.WatchdogReset(List<String> lines) ->
                    new RollbackReason(RollbackReason.Cause.WATCHDOG_RESET, lines);
            case TrialEvidence.None() ->
                    new RollbackReason(
                            facts.otherEntry() == OtherEntry.BOOTABLE
                                    ? RollbackReason.Cause.CHOSEN_BY_HAND
                                    : RollbackReason.Cause.NEVER_REACHED_USER_SPACE,
                            List.of());
        };
    }
}
