package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.operation.FailureJson;
import dev.flipside.updater.operation.Report;
import java.io.PrintStream;
import java.util.List;

/**
 * Where a command prints: results on standard output, as lines for people or, with {@code --json},
 * as one JSON object; failures and progress on standard error.
 *
 * @param terminal whether a person watches, so that a progress bar is of use
 */
record Console(PrintStream out, PrintStream err, boolean json, boolean terminal) {
    private static final String NAME = "flipctl";

    /** The console of this process. */
    // The check knows JDK 22 to 24; since 25, System.console() is null again off a terminal.
    @SuppressWarnings("SystemConsoleNull")
    static Console ofThisProcess() {
        java.io.Console console = System.console();
        return new Console(System.out, System.err, false, console != null && console.isTerminal());
    }

    Console withJson(boolean wanted) {
        return new Console(out, err, json || wanted, terminal);
    }

    /** Prints what a command found or did. */
    void result(ObjectNode object, List<String> lines) {
        if (json) {
            out.println(StrictJson.line(object));
        } else {
            lines.forEach(out::println);
        }
        out.flush();
    }

    /** As {@link #result(ObjectNode, List)}. */
    void result(Report report) {
        result(report.json(), report.lines());
    }

    /** Prints one line of a stream of JSON objects. */
    void event(String name, ObjectNode fields) {
        ObjectNode line = StrictJson.object().put("event", name);
        line.setAll(fields);
        out.println(StrictJson.line(line));
        out.flush();
    }

    void failure(Failure failure) {
        if (json) {
            event("failure", FailureJson.of(failure));
        }
        complain(failure.line());
    }

    void complain(String line) {
        err.println(NAME + ": " + line);
        err.flush();
    }
}
