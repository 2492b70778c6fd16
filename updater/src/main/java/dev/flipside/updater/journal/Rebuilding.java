package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.lifecycle.Setback;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What can be known without {@code state.json}: pin, hold, security floor and rejected releases
 * stand in the history as well. Where the host is on its way, the disk and the ESP say. Pure.
 */
final class Rebuilding {
    private static final String VERSION = "version";

    private HostState state = HostState.fresh();
    private final List<Setback> setbacks = new ArrayList<>();

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
            case "pin" -> state = state.pinned(Optional.of(details.text(VERSION)));
            case "unpin" -> state = state.pinned(Optional.empty());
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
            case "state" -> {
                if (code.equals("rolled-back")) {
                    setbacks.add(
                            new Setback(
                                    LifecycleJson.release(details.object("release")),
                                    LifecycleJson.reason(details.object("reason")),
                                    entry.time("at"),
                                    true));
                }
            }
            default -> {}
        }
    }
}
