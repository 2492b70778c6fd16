package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.coordinator.Status;
import dev.flipside.updater.journal.LifecycleJson;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.RebootDecision;
import dev.flipside.updater.lifecycle.RuleResult;
import dev.flipside.updater.lifecycle.UpdateState;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The commands that move a host: check, stage, activate, update, reboot, rollback, settle. */
final class Updates {
    private Updates() {}

    static void check(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    Decision decision = host.coordinator().check(invocation.argument());
                    invocation
                            .console()
                            .result(LifecycleJson.decision(decision), Reports.explained(decision));
                });
    }

    static void stage(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    Coordinator coordinator = host.coordinator();
                    Decision decision = unlessHeld(coordinator.stage(invocation.argument()));
                    told(invocation, coordinator, decision);
                });
    }

    static void activate(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    Coordinator coordinator = host.coordinator();
                    told(invocation, coordinator, unlessHeld(coordinator.activate()));
                });
    }

    static void update(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    Coordinator coordinator = host.coordinator();
                    Decision decision = unlessHeld(coordinator.stage(invocation.argument()));
                    if (coordinator.status().memory().state() instanceof UpdateState.Staged) {
                        decision = unlessHeld(coordinator.activate());
                    }
                    told(invocation, coordinator, decision);
                    rebootByPolicy(invocation, coordinator);
                });
    }

    static void reboot(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    boolean goingDown = host.coordinator().reboot();
                    invocation
                            .console()
                            .result(
                                    StrictJson.object().put("rebooting", goingDown),
                                    List.of(
                                            goingDown
                                                    ? "the machine restarts"
                                                    : "a reboot is pending: this host is file-backed, so its"
                                                            + " power button is somebody else's"));
                });
    }

    static void rollback(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    Coordinator coordinator = host.coordinator();
                    told(invocation, coordinator, unlessHeld(coordinator.rollback()));
                });
    }

    static void settle(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    Status status = host.coordinator().afterBoot();
                    invocation
                            .console()
                            .result(
                                    LifecycleJson.state(status.memory().state()),
                                    List.of(Reports.sentence(status.memory().state())));
                });
    }

    private static void rebootByPolicy(Invocation invocation, Coordinator coordinator)
            throws FlipsideException {
        RebootDecision decision = coordinator.rebootByPolicy();
        if (decision instanceof RebootDecision.Restart && invocation.config().host().fileBacked()) {
            invocation
                    .console()
                    .complain("the reboot is pending: its power button is somebody else's");
        }
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

    private static void told(Invocation invocation, Coordinator coordinator, Decision decision)
            throws FlipsideException {
        UpdateState state = coordinator.status().memory().state();
        ObjectNode node = StrictJson.object();
        node.set("decision", LifecycleJson.decision(decision));
        node.set("state", LifecycleJson.state(state));
        List<String> lines = new ArrayList<>();
        if (decision instanceof Decision.Nothing) {
            lines.add(decision.line());
        }
        lines.add(Reports.sentence(state));
        Optional.of(state)
                .filter(UpdateState.RebootPending.class::isInstance)
                .ifPresent(it -> lines.add("reboot to try it: flipctl reboot"));
        invocation.console().result(node, lines);
    }
}
