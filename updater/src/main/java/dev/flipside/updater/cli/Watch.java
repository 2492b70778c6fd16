package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.operation.ProgressJson;
import dev.flipside.updater.operation.Query;
import java.io.IOException;
import java.util.List;

/**
 * The command {@code status --watch}: the status as it is now, redrawn with all that happens, until
 * the daemon goes or the operator does. Off a terminal, a line for each event.
 */
final class Watch {
    static final String OPTION = "--watch";

    private final Console console;
    private final DaemonSocket daemon;
    private final StagingProgress progress;
    private int drawnLines;

    private Watch(Console console, DaemonSocket daemon, StagingProgress progress) {
        this.console = console;
        this.daemon = daemon;
        this.progress = progress;
    }

    static void run(Invocation invocation) throws FlipsideException, IOException {
        DaemonSocket daemon = DaemonSocket.require(invocation.socket());
        Watch watch =
                new Watch(
                        invocation.console(),
                        daemon,
                        new StagingProgress(invocation.console(), invocation.clock()));
        try (DaemonSocket.Events events = daemon.events()) {
            if (invocation.console().json() || !invocation.console().terminal()) {
                events.follow(watch::print);
            } else {
                watch.draw();
                events.follow(watch::redraw);
            }
        }
    }

    private void print(ObjectNode event) {
        if (console.json()) {
            console.out().println(StrictJson.line(event));
        } else if (!event.path("event").asText().equals("alive")) {
            console.out()
                    .println(
                            "%s  %-14s %s"
                                    .formatted(
                                            event.path("at").asText(),
                                            event.path("event").asText(),
                                            event.path("code").asText())
                                    .strip());
        }
        console.out().flush();
    }

    private void redraw(ObjectNode event) throws FlipsideException {
        if (event.path("event").asText().equals("progress")) {
            ProgressJson.read(event).ifPresent(progress::at);
            return;
        }
        draw();
    }

    /** Draws over what was drawn before: up to its first line, and away with all below. */
    private void draw() throws FlipsideException {
        List<String> lines = daemon.get(Query.STATUS.code()).lines();
        if (drawnLines > 0) {
            console.out().print("\r\033[%dA\033[J".formatted(drawnLines));
        }
        lines.forEach(console.out()::println);
        console.out().flush();
        drawnLines = lines.size();
    }
}
