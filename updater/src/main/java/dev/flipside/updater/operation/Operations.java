package dev.flipside.updater.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.journal.LifecycleJson;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.RebootDecision;
import dev.flipside.updater.lifecycle.RuleResult;
import dev.flipside.updater.lifecycle.UpdateState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Does operations on one host, for whoever holds its lock: a command, or the daemon. */
public final class Operations {
    private final Coordinator coordinator;

    public Operations(Coordinator coordinator) {
        this.coordinator = coordinator;
    }

    /**
     * Does one.
     *
     * @throws FlipsideException also where a rule holds what was asked for: {@code update-held}
     */
    public Report run(Operation operation) throws FlipsideException {
        return switch (operation) {
            case Operation.Check(Optional<String> version) -> {
                Decision decision = coordinator.check(version);
                yield new Report(LifecycleJson.decision(decision), Reports.explained(decision));
            }
            case Operation.Stage(Optional<String> version, boolean now) ->
                    told(unlessHeld(mover(now).stage(version)), List.of());
            case Operation.Activate(boolean now) ->
                    told(unlessHeld(mover(now).activate()), List.of());
            case Operation.Update(Optional<String> version, boolean now) ->
                    update(mover(now), version);
            case Operation.Reboot() -> reboot();
            case Operation.Rollback() -> told(unlessHeld(coordinator.rollback()), List.of());
            case Operation.Settle() -> settle();
            case Operation.Pin(String version, Optional<Instant> until) -> pin(version, until);
            case Operation.Unpin() -> {
                coordinator.pin(Optional.empty());
                yield said(StrictJson.object().putNull("pin"), "not pinned; the channel decides");
            }
            case Operation.Hold() -> hold(true, "on hold: no updates until 'flipctl unhold'");
            case Operation.Unhold() -> hold(false, "not on hold");
            case Operation.Allow(String version) -> allow(version);
        };
    }

    /** The coordinator for an operator who waits, or for one who does not. */
    private Coordinator mover(boolean now) {
        return now ? coordinator.atAnyTime() : coordinator;
    }

    private Report pin(String version, Optional<Instant> until) throws FlipsideException {
        coordinator.pin(new Pin(version, until));
        ObjectNode node = StrictJson.object().put("pin", version);
        until.ifPresent(moment -> node.put("until", moment.toString()));
        return said(
                node,
                "pinned to %s%s; 'flipctl update' goes there"
                        .formatted(version, until.map(it -> " until " + it).orElse("")));
    }

    private Report update(Coordinator mover, Optional<String> version) throws FlipsideException {
        Decision decision = unlessHeld(mover.stage(version));
        if (coordinator.status().memory().state() instanceof UpdateState.Staged) {
            decision = unlessHeld(mover.activate());
        }
        return told(
                decision,
                switch (mover.rebootByPolicy()) {
                    case RebootDecision.Restart _ -> List.of("the policy is to restart now");
                    case RebootDecision.Announce _ ->
                            List.of("whoever restarts this machine was asked to");
                    case RebootDecision.Wait _ -> List.of();
                });
    }

    private Report reboot() throws FlipsideException {
        boolean goingDown = coordinator.reboot();
        return said(
                StrictJson.object().put("rebooting", goingDown),
                goingDown
                        ? "the machine restarts"
                        : "a reboot is pending: this host is file-backed, so its power button is"
                                + " somebody else's");
    }

    private Report settle() throws FlipsideException {
        UpdateState state = coordinator.afterBoot().memory().state();
        return said(LifecycleJson.state(state), Reports.sentence(state));
    }

    private Report hold(boolean hold, String text) throws FlipsideException {
        coordinator.hold(hold);
        return said(StrictJson.object().put("hold", hold), text);
    }

    private Report allow(String version) throws FlipsideException {
        boolean changed = coordinator.allow(version);
        return said(
                StrictJson.object().put("version", version).put("allowed", changed),
                changed
                        ? "%s may be tried again".formatted(version)
                        : "%s was not rejected".formatted(version));
    }

    private static Report said(ObjectNode node, String text) {
        return new Report(node, List.of(text));
    }

    /** A hold is an answer to a question, and a failure of a command. */
    private static Decision unlessHeld(Decision decision) throws FlipsideException {
        if (!(decision instanceof Decision.Hold hold)) {
            return decision;
        }
        RuleResult first = hold.reasons().getFirst();
        throw new FlipsideException(
                FailureCode.UPDATE_HELD,
                "%s: held by %s"
                        .formatted(
                                hold.version(),
                                String.join(
                                        ", ",
                                        hold.reasons().stream()
                                                .map(it -> it.rule().code())
                                                .toList())),
                first.expected(),
                first.found(),
                first.change());
    }

    private Report told(Decision decision, List<String> more) throws FlipsideException {
        UpdateState state = coordinator.status().memory().state();
        ObjectNode node = StrictJson.object();
        node.set("decision", LifecycleJson.decision(decision));
        node.set("state", LifecycleJson.state(state));
        List<String> lines = new ArrayList<>();
        if (decision instanceof Decision.Nothing) {
            lines.add(decision.line());
        }
        lines.add(Reports.sentence(state));
        if (state instanceof UpdateState.RebootPending) {
            lines.add("reboot to try it: flipctl reboot");
        }
        lines.addAll(more);
        return new Report(node, lines);
    }
}
