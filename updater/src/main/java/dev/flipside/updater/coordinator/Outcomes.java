package dev.flipside.updater.coordinator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.updater.journal.LifecycleJson;
import dev.flipside.updater.lifecycle.UpdateEvent;
import dev.flipside.updater.lifecycle.UpdateState;
import java.util.Optional;
import java.util.Set;

/** Which event follows when the commands of a state are done, or when one of them failed. */
final class Outcomes {
    /** What a UKI that is lost or damaged is told by. */
    private static final Set<FailureCode> SPOILT =
            Set.of(FailureCode.DIGEST_MISMATCH, FailureCode.UKI_MALFORMED);

    private Outcomes() {}

    static Optional<UpdateEvent> finished(UpdateState state, UpdateEvent cause) {
        return switch (state) {
            case UpdateState.Staging(_) -> Optional.of(new UpdateEvent.StageFinished());
            case UpdateState.Activating(_) -> Optional.of(new UpdateEvent.ActivateFinished());
            case UpdateState.Trial(_) ->
                    cause instanceof UpdateEvent.TargetGood
                            ? Optional.of(new UpdateEvent.CommitFinished())
                            : Optional.empty();
            case UpdateState.RebootPending(_) ->
                    cause instanceof UpdateEvent.WithdrawRequested
                            ? Optional.of(new UpdateEvent.WithdrawFinished())
                            : Optional.empty();
            case UpdateState.Idle(),
                    UpdateState.Checking(_, _),
                    UpdateState.Held(_, _),
                    UpdateState.Staged(_),
                    UpdateState.Committed(_),
                    UpdateState.RolledBack(_, _) ->
                    Optional.empty();
        };
    }

    static Optional<UpdateEvent> failed(UpdateState state, FailureCode code) {
        return switch (state) {
            case UpdateState.Staging(_) -> Optional.of(new UpdateEvent.StageFailed());
            case UpdateState.Activating(_) ->
                    Optional.of(new UpdateEvent.ActivateFailed(SPOILT.contains(code)));
            case UpdateState.Trial(_) -> Optional.of(new UpdateEvent.CommitFailed());
            case UpdateState.Checking(_, _) -> Optional.of(new UpdateEvent.CheckFailed());
            case UpdateState.Idle(),
                    UpdateState.Held(_, _),
                    UpdateState.Staged(_),
                    UpdateState.RebootPending(_),
                    UpdateState.Committed(_),
                    UpdateState.RolledBack(_, _) ->
                    Optional.empty();
        };
    }

    /** What the history says of a state, beside its name. */
    static ObjectNode details(UpdateState state) {
        ObjectNode details = LifecycleJson.state(state);
        details.remove("name");
        return details;
    }
}
