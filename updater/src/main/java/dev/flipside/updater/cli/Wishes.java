package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.Names;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The commands that set what the operator wants: pin, unpin, hold, unhold and allow. */
final class Wishes {
    private Wishes() {}

    static void pin(Invocation invocation) throws FlipsideException, IOException {
        String version = Names.require("version", invocation.argument().orElseThrow());
        invocation.changing(
                host -> {
                    host.coordinator().pin(Optional.of(version));
                    said(
                            invocation,
                            StrictJson.object().put("pin", version),
                            "pinned to %s; 'flipctl update' goes there".formatted(version));
                });
    }

    static void unpin(Invocation invocation) throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    host.coordinator().pin(Optional.empty());
                    said(
                            invocation,
                            StrictJson.object().putNull("pin"),
                            "not pinned; the channel decides");
                });
    }

    static void hold(Invocation invocation) throws FlipsideException, IOException {
        hold(invocation, true, "on hold: no updates until 'flipctl unhold'");
    }

    static void unhold(Invocation invocation) throws FlipsideException, IOException {
        hold(invocation, false, "not on hold");
    }

    static void allow(Invocation invocation) throws FlipsideException, IOException {
        String version = Names.require("version", invocation.argument().orElseThrow());
        invocation.changing(
                host -> {
                    boolean changed = host.coordinator().allow(version);
                    said(
                            invocation,
                            StrictJson.object().put("version", version).put("allowed", changed),
                            changed
                                    ? "%s may be tried again".formatted(version)
                                    : "%s was not rejected".formatted(version));
                });
    }

    private static void hold(Invocation invocation, boolean hold, String text)
            throws FlipsideException, IOException {
        invocation.changing(
                host -> {
                    host.coordinator().hold(hold);
                    said(invocation, StrictJson.object().put("hold", hold), text);
                });
    }

    private static void said(Invocation invocation, ObjectNode node, String text) {
        invocation.console().result(node, List.of(text));
    }
}
