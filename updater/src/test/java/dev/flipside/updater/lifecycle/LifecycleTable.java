package dev.flipside.updater.lifecycle;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.updater.lifecycle.Target.Intent;
import dev.flipside.updater.lifecycle.UpdateState.Goal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One example of every state and every event, and the table of what they lead to. */
final class LifecycleTable {
    static final ReleaseRef RELEASE = release("2", 'b');
    static final ReleaseRef OTHER = release("1", 'a');
    static final Target TARGET = new Target(RELEASE, SlotName.B, Intent.UPDATE);
    static final Target BACK = new Target(OTHER, SlotName.A, Intent.ROLLBACK);
    static final RollbackReason REASON =
            new RollbackReason(RollbackReason.Cause.HEALTH_CHECK_FAILED, List.of("a: b"));
    static final RuleResult HELD =
            RuleResult.result(Rule.HOLD, false, "no hold", "a hold", "flipctl unhold");

    private LifecycleTable() {}

    static ReleaseRef release(String version, char hex) {
        String digest = String.valueOf(hex).repeat(64);
        return new ReleaseRef(
                "demo", version, digest, digest, Optional.of(new ReleaseRef.Signed(digest, 1)));
    }

    static Map<String, UpdateState> states() {
        Map<String, UpdateState> states = new LinkedHashMap<>();
        states.put("idle", new UpdateState.Idle());
        states.put("checking", new UpdateState.Checking(Goal.STAGE, Optional.empty()));
        states.put(
                "checking, with a staged release",
                new UpdateState.Checking(Goal.CHECK, Optional.of(TARGET)));
        states.put("held", new UpdateState.Held("3", List.of(HELD)));
        states.put("staging", new UpdateState.Staging(TARGET));
        states.put("staged", new UpdateState.Staged(TARGET));
        states.put("activating", new UpdateState.Activating(TARGET));
        states.put("reboot-pending", new UpdateState.RebootPending(TARGET));
        states.put("reboot-pending, of a rollback", new UpdateState.RebootPending(BACK));
        states.put("trial", new UpdateState.Trial(TARGET));
        states.put("committed", new UpdateState.Committed(RELEASE));
        states.put("rolled-back", new UpdateState.RolledBack(RELEASE, REASON));
        return states;
    }

    static Map<String, UpdateEvent> events() {
        Map<String, UpdateEvent> events = new LinkedHashMap<>();
        events.put("check requested", new UpdateEvent.CheckRequested(Goal.CHECK));
        events.put("stage requested", new UpdateEvent.CheckRequested(Goal.STAGE));
        events.put(
                "planned: proceed",
                new UpdateEvent.Planned(new Decision.Proceed(TARGET, List.of())));
        events.put("planned: hold", new UpdateEvent.Planned(new Decision.Hold("3", List.of(HELD))));
        events.put(
                "planned: nothing",
                new UpdateEvent.Planned(new Decision.Nothing("2 runs already", List.of())));
        events.put("check failed", new UpdateEvent.CheckFailed());
        events.put("stage finished", new UpdateEvent.StageFinished());
        events.put("stage failed", new UpdateEvent.StageFailed());
        events.put("activate requested", new UpdateEvent.ActivateRequested());
        events.put("activate finished", new UpdateEvent.ActivateFinished());
        events.put("activate failed", new UpdateEvent.ActivateFailed(false));
        events.put("activate failed, spoilt", new UpdateEvent.ActivateFailed(true));
        events.put("rollback requested", new UpdateEvent.RollbackRequested(BACK));
        events.put("withdraw requested", new UpdateEvent.WithdrawRequested());
        events.put("withdraw finished", new UpdateEvent.WithdrawFinished());
        events.put("reboot requested", new UpdateEvent.RebootRequested());
        events.put("restarted", new UpdateEvent.Restarted());
        events.put("target under trial", new UpdateEvent.TargetUnderTrial());
        events.put("target good", new UpdateEvent.TargetGood());
        events.put("target fell back", new UpdateEvent.TargetFellBack(REASON));
        events.put("activation lost", new UpdateEvent.ActivationLost());
        events.put("target replaced", new UpdateEvent.TargetReplaced());
        events.put("running good", new UpdateEvent.RunningGood(RELEASE.rootHash()));
        events.put("running fell back", new UpdateEvent.RunningFellBack(RELEASE, REASON));
        events.put("commit finished", new UpdateEvent.CommitFinished());
        events.put("commit failed", new UpdateEvent.CommitFailed());
        return events;
    }

    /** One line for each pair that is not out of turn, in Markdown. */
    static String markdown() {
        StringBuilder table = new StringBuilder("| state | event | next state | commands |\n");
        table.append("|---|---|---|---|\n");
        states().forEach(
                        (stateName, state) ->
                                events().forEach(
                                                (eventName, event) ->
                                                        table.append(
                                                                row(
                                                                        stateName, state, eventName,
                                                                        event))));
        return table.toString();
    }

    private static String row(
            String stateName, UpdateState state, String eventName, UpdateEvent event) {
        return switch (Lifecycle.next(state, event)) {
            case Transition.Move(UpdateState to, List<Command> commands) ->
                    "| %s | %s | %s | %s |\n"
                            .formatted(
                                    stateName,
                                    eventName,
                                    to.name(),
                                    commands.stream()
                                            .map(Command::name)
                                            .collect(Collectors.joining(", ")));
            case Transition.Refuse(Transition.Refusal refusal) ->
                    refusal == Transition.Refusal.OUT_OF_TURN
                            ? ""
                            : "| %s | %s | refused: %s | |\n"
                                    .formatted(stateName, eventName, refusal.words());
        };
    }
}
