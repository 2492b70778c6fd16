package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.RollbackReason.Cause;
import dev.flipside.updater.lifecycle.Setback;
import dev.flipside.updater.lifecycle.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What can be known without {@code state.json}: pin, hold, security floor and rejected releases
 * stand in the history as well. Where the host is on its way, the disk and the ESP say. Pure.
 */
final class Rebuilding {
    private static final String VERSION = "version";
    private static final Set<String> WISHES =
            Set.of("pin", "unpin", "hold", "unhold", "raise-floor", "allow");
    private static final Set<String> OUTCOMES = Set.of("trial", "committed", "rolled-back");

    private HostState state = HostState.fresh();
    private final List<Setback> setbacks = new ArrayList<>();
    private Optional<Target> trial = Optional.empty();
    private Optional<ReleaseRef> kept = Optional.empty();

    private Rebuilding() {}

    /**
     * @param entries of the history, oldest first; what cannot be read in one is passed over
     */
    static HostState of(List<ObjectNode> entries) {
        Rebuilding rebuilding = new Rebuilding();
        for (ObjectNode entry : entries) {
            rebuilding.takeIfReadable(new StateFields(entry, "history."));
        }
        return rebuilding.state.withSetbacks(rebuilding.setbacks);
    }

    /** Whether an entry may tell what {@link #of} takes from it. */
    static boolean needs(ObjectNode entry) {
        String event = entry.path("event").asText();
        return WISHES.contains(event)
                || (event.equals("state") && OUTCOMES.contains(entry.path("code").asText()));
    }

    private void takeIfReadable(StateFields entry) {
        try {
            take(entry);
        } catch (FlipsideException e) {
            // An entry of another updater: what it told of is lost, and the others are not.
            return;
        }
    }

    private void take(StateFields entry) throws FlipsideException {
        String code = entry.text("code");
        StateFields details = entry.object("details");
        switch (entry.text("event")) {
            case "pin" ->
                    state =
                            state.withPin(
                                    Optional.of(
                                            new Pin(
                                                    details.text(VERSION),
                                                    details.optionalTime("until"))));
            case "unpin" -> state = state.withPin(Optional.empty());
            case "hold" -> state = state.holding(true);
            case "unhold" -> state = state.holding(false);
            case "raise-floor" -> {
                if (code.equals("ok")) {
                    state = state.withFloor(Math.max(state.floor(), details.number("floor")));
                }
            }
            case "allow" -> {
                String version = details.text(VERSION);
                setbacks.removeIf(it -> it.release().version().equals(version));
            }
            case "state" -> takeState(code, details, entry.time("at"));
            default -> {}
        }
    }

    private void takeState(String code, StateFields details, Instant at) throws FlipsideException {
        switch (code) {
            case "trial" -> trial = Optional.of(LifecycleJson.target(details.object("target")));
            case "committed" -> committed(LifecycleJson.release(details.object("release")), at);
            case "rolled-back" ->
                    setbacks.add(
                            new Setback(
                                    LifecycleJson.release(details.object("release")),
                                    LifecycleJson.reason(details.object("reason")),
                                    at,
                                    true));
            default -> {}
        }
    }

    /**
     * A release that an operator went back from is not wanted, until the operator returns to it.
     */
    private void committed(ReleaseRef release, Instant at) {
        setbacks.removeIf(
                it -> it.reason().cause() == Cause.OPERATOR && it.release().sameAs(release));
        boolean wentBack = trial.filter(it -> it.intent() == Target.Intent.ROLLBACK).isPresent();
        if (wentBack && kept.isPresent()) {
            setbacks.add(
                    new Setback(
                            kept.get(), new RollbackReason(Cause.OPERATOR, List.of()), at, true));
        }
        kept = Optional.of(release);
    }
}
