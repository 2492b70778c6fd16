package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.Transition.move;
import static dev.flipside.updater.lifecycle.Transition.refuse;

import dev.flipside.updater.lifecycle.Target.Intent;
import dev.flipside.updater.lifecycle.Transition.Refusal;
import dev.flipside.updater.lifecycle.UpdateState.Activating;
import dev.flipside.updater.lifecycle.UpdateState.Checking;
import dev.flipside.updater.lifecycle.UpdateState.Committed;
import dev.flipside.updater.lifecycle.UpdateState.Goal;
import dev.flipside.updater.lifecycle.UpdateState.Held;
import dev.flipside.updater.lifecycle.UpdateState.Idle;
import dev.flipside.updater.lifecycle.UpdateState.RebootPending;
import dev.flipside.updater.lifecycle.UpdateState.RolledBack;
import dev.flipside.updater.lifecycle.UpdateState.Staged;
import dev.flipside.updater.lifecycle.UpdateState.Staging;
import dev.flipside.updater.lifecycle.UpdateState.Trial;
import java.util.Optional;

/**
 * The life of an update, as one total function. Pure. The table that follows from it stands in
 * {@code docs/reference/lifecycle.md}, and a test keeps the two equal.
 */
public final class Lifecycle {
    private Lifecycle() {}

    /** What follows when an event meets a state. */
    public static Transition next(UpdateState state, UpdateEvent event) {
        return switch (event) {
            case UpdateEvent.CheckRequested requested -> check(state, requested.goal());
            case UpdateEvent.Planned planned -> planned(state, planned.decision());
            case UpdateEvent.CheckFailed() -> checkFailed(state);
            case UpdateEvent.StageFinished() ->
                    state instanceof Staging staging ? move(new Staged(staging.to())) : never();
            case UpdateEvent.StageFailed() -> state instanceof Staging ? move(new Idle()) : never();
            case UpdateEvent.ActivateRequested() -> activate(state);
            case UpdateEvent.ActivateFinished() ->
                    state instanceof Activating activating
                            ? move(new RebootPending(activating.to()))
                            : never();
            case UpdateEvent.ActivateFailed(boolean spoilt) -> activateFailed(state, spoilt);
            case UpdateEvent.RollbackRequested requested -> rollback(state, requested.to());
            case UpdateEvent.WithdrawRequested() ->
                    state instanceof RebootPending pending
                            ? move(pending, takingBack(pending.to()))
                            : refuse(Refusal.NOTHING_ACTIVATED);
            case UpdateEvent.WithdrawFinished() ->
                    state instanceof RebootPending pending
                            ? move(withdrawn(pending.to()))
                            : never();
            case UpdateEvent.RebootRequested() -> reboot(state);
            case UpdateEvent.Restarted() -> restarted(state);
            case UpdateEvent.TargetUnderTrial() -> bootedTarget(state, false);
            case UpdateEvent.TargetGood() -> bootedTarget(state, true);
            case UpdateEvent.TargetFellBack fellBack -> targetFellBack(state, fellBack.reason());
            case UpdateEvent.ActivationLost() ->
                    state instanceof RebootPending pending
                            ? move(withdrawn(pending.to()))
                            : never();
            case UpdateEvent.TargetReplaced() ->
                    state.target().isPresent() && !(state instanceof Staging)
                            ? move(new Idle())
                            : never();
            case UpdateEvent.RunningGood(String rootHash) -> runningGood(state, rootHash);
            case UpdateEvent.RunningFellBack fellBack -> runningFellBack(state, fellBack);
            case UpdateEvent.CommitFinished() ->
                    state instanceof Trial trial
                            ? move(new Committed(trial.to().release()))
                            : never();
            case UpdateEvent.CommitFailed() -> state instanceof Trial trial ? move(trial) : never();
        };
    }

    private static Transition check(UpdateState state, Goal goal) {
        return switch (state) {
            case Idle(), Held(_, _), Committed(_), RolledBack(_, _) ->
                    move(new Checking(goal, Optional.empty()), new Command.Check(goal));
            case Staged(Target to) ->
                    move(new Checking(goal, Optional.of(to)), new Command.Check(goal));
            case Checking(_, _), Staging(_), Activating(_) -> refuse(Refusal.BUSY);
            case RebootPending(_) -> refuse(Refusal.REBOOT_IS_PENDING);
            case Trial(_) -> refuse(Refusal.TRIAL_IS_RUNNING);
        };
    }

    private static Transition planned(UpdateState state, Decision decision) {
        if (!(state instanceof Checking checking)) {
            return never();
        }
        return switch (decision) {
            case Decision.Hold hold -> move(held(checking, hold));
            case Decision.Nothing(_, _) -> move(afterCheck(checking));
            case Decision.Proceed(Target to, _) ->
                    switch (checking.goal()) {
                        case CHECK -> move(afterCheck(checking));
                        case STAGE -> stage(checking, to);
                    };
        };
    }

    private static Transition stage(Checking checking, Target to) {
        boolean already =
                checking.staged()
                        .filter(staged -> staged.release().sameAs(to.release()))
                        .isPresent();
        return already
                ? move(afterCheck(checking))
                : move(
                        new Staging(to),
                        new Command.ClearTrials(to.release().rootHash()),
                        new Command.EmptySlot(to),
                        new Command.WriteSlot(to),
                        new Command.WriteUki(to));
    }

    private static Transition checkFailed(UpdateState state) {
        return state instanceof Checking checking ? move(afterCheck(checking)) : never();
    }

    /** What stands ready in the slot stays ready; why it waits is in the decision. */
    private static UpdateState held(Checking checking, Decision.Hold hold) {
        return checking.staged().isPresent()
                ? afterCheck(checking)
                : new Held(hold.version(), hold.reasons());
    }

    private static UpdateState afterCheck(Checking checking) {
        return checking.staged().<UpdateState>map(Staged::new).orElseGet(Idle::new);
    }

    private static Transition activate(UpdateState state) {
        return switch (state) {
            case Staged(Target to) -> activating(to);
            case Idle(), Held(_, _), Committed(_), RolledBack(_, _) ->
                    refuse(Refusal.NOTHING_STAGED);
            case Checking(_, _), Staging(_), Activating(_) -> refuse(Refusal.BUSY);
            case RebootPending(_) -> refuse(Refusal.REBOOT_IS_PENDING);
            case Trial(_) -> refuse(Refusal.TRIAL_IS_RUNNING);
        };
    }

    private static Transition activating(Target to) {
        return move(new Activating(to), new Command.IdentifySlot(to), new Command.CreateEntry(to));
    }

    /** What is spoilt has to be staged again, which finds what is not. */
    private static Transition activateFailed(UpdateState state, boolean spoilt) {
        return state instanceof Activating activating
                ? move(spoilt ? new Idle() : withdrawn(activating.to()))
                : never();
    }

    /** What a rollback would return to is what the host falls back to: it keeps its entry. */
    private static Command takingBack(Target to) {
        return switch (to.intent()) {
            case UPDATE -> new Command.RemoveEntries(to);
            case ROLLBACK -> new Command.PutRunningFirst();
        };
    }

    /** What an update has staged is still there; what a rollback would return to always was. */
    private static UpdateState withdrawn(Target to) {
        return switch (to.intent()) {
            case UPDATE -> new Staged(to);
            case ROLLBACK -> new Idle();
        };
    }

    private static Transition rollback(UpdateState state, Target to) {
        if (to.intent() != Intent.ROLLBACK) {
            throw new IllegalArgumentException("a rollback to " + to);
        }
        return switch (state) {
            case Idle(), Held(_, _), Committed(_), RolledBack(_, _) -> activating(to);
            case Staged(_) -> refuse(Refusal.SLOT_OVERWRITTEN);
            case Checking(_, _), Staging(_), Activating(_) -> refuse(Refusal.BUSY);
            case RebootPending(_) -> refuse(Refusal.REBOOT_IS_PENDING);
            case Trial(_) -> refuse(Refusal.TRIAL_IS_RUNNING);
        };
    }

    private static Transition reboot(UpdateState state) {
        return switch (state) {
            case Idle(),
                    Held(_, _),
                    Staged(_),
                    RebootPending(_),
                    Trial(_),
                    Committed(_),
                    RolledBack(_, _) ->
                    move(state, new Command.Reboot());
            case Checking(_, _), Staging(_), Activating(_) -> refuse(Refusal.BUSY);
        };
    }

    /**
     * Staging starts from the beginning when it is asked for again, and finds what it has written;
     * activating goes on, as its entry may be there already. A trial is over when the other slot
     * runs: what the loader takes next says whether its release is.
     */
    private static Transition restarted(UpdateState state) {
        return switch (state) {
            case Checking checking -> move(afterCheck(checking));
            case Staging(_) -> move(new Idle());
            case Activating(Target to) -> activating(to);
            case Trial(Target to) -> move(new RebootPending(to));
            case Idle(), Held(_, _), Staged(_), RebootPending(_), Committed(_), RolledBack(_, _) ->
                    move(state);
        };
    }

    /** A target may run although its activation was reported as failed: its entry was there. */
    private static Transition bootedTarget(UpdateState state, boolean good) {
        return switch (state) {
            case Staged(Target to) -> trial(to, good);
            case Activating(Target to) -> trial(to, good);
            case RebootPending(Target to) -> trial(to, good);
            case Trial(Target to) -> trial(to, good);
            case Checking(_, Optional<Target> staged) ->
                    staged.map(to -> trial(to, good)).orElseGet(Lifecycle::never);
            case Idle(), Held(_, _), Staging(_), Committed(_), RolledBack(_, _) -> never();
        };
    }

    private static Transition trial(Target to, boolean good) {
        return good
                ? move(
                        new Trial(to),
                        new Command.RaiseFloor(to),
                        new Command.ArmNextBoot(),
                        new Command.ClearTrials(to.release().rootHash()))
                : move(new Trial(to));
    }

    private static Transition targetFellBack(UpdateState state, RollbackReason reason) {
        return switch (state) {
            case Staged(Target to) -> rolledBack(to.release(), reason, false);
            case Activating(Target to) -> rolledBack(to.release(), reason, false);
            case RebootPending(Target to) -> rolledBack(to.release(), reason, false);
            case Trial(Target to) -> rolledBack(to.release(), reason, false);
            case Checking(_, Optional<Target> staged) ->
                    staged.map(to -> rolledBack(to.release(), reason, false))
                            .orElseGet(Lifecycle::never);
            case Idle(), Held(_, _), Staging(_), Committed(_), RolledBack(_, _) -> never();
        };
    }

    private static Transition rolledBack(
            ReleaseRef release, RollbackReason reason, boolean wasCommitted) {
        return move(
                new RolledBack(release, reason),
                new Command.RecordSetback(release, reason, wasCommitted),
                new Command.ClearTrials(release.rootHash()));
    }

    private static Transition runningGood(UpdateState state, String rootHash) {
        Command arm = new Command.ArmNextBoot();
        Command clear = new Command.ClearTrials(rootHash);
        return switch (state) {
            case Idle(), Held(_, _), Staged(_), Committed(_), RolledBack(_, _) ->
                    move(state, arm, clear);
            // Arming takes the highest sequence, which the target must have.
            case RebootPending(Target to) -> move(state, arm, new Command.CreateEntry(to), clear);
            case Checking(_, _), Staging(_), Activating(_), Trial(_) -> refuse(Refusal.BUSY);
        };
    }

    private static Transition runningFellBack(
            UpdateState state, UpdateEvent.RunningFellBack fellBack) {
        return switch (state) {
            case Idle(), Held(_, _), Checking(_, _), Committed(_), RolledBack(_, _) ->
                    rolledBack(fellBack.release(), fellBack.reason(), true);
            // The other slot was empty or on its way to another release: nothing to fall back to.
            case Staging(_), Staged(_), Activating(_), RebootPending(_), Trial(_) -> never();
        };
    }

    private static Transition never() {
        return refuse(Refusal.OUT_OF_TURN);
    }
}
