package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.operation.Query;
import dev.flipside.updater.operation.Report;
import java.io.IOException;

/** The commands that only look: status, why and history. */
final class Asking {
    private Asking() {}

    static void status(Invocation invocation) throws FlipsideException, IOException {
        if (invocation.has(Watch.OPTION)) {
            Watch.run(invocation);
            return;
        }
        invocation.console().result(invocation.ask(Query.STATUS));
    }

    static void why(Invocation invocation) throws FlipsideException, IOException {
        invocation.console().result(invocation.ask(Query.WHY));
    }

    static void history(Invocation invocation) throws FlipsideException, IOException {
        Report history = invocation.ask(Query.HISTORY);
        if (invocation.console().json()) {
            for (JsonNode entry : history.json().path("entries")) {
                invocation.console().out().println(StrictJson.line(entry));
            }
        } else {
            history.lines().forEach(invocation.console().out()::println);
        }
        invocation.console().out().flush();
    }
}
