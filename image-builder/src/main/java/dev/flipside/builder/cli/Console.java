package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.inspect.TextTable;
import dev.flipside.failure.Failure;
import dev.flipside.json.StrictJson;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Where a command prints: results on standard output, failures and progress on standard error, or
 * with {@code --json} everything but the failure line as one JSON object per line on standard
 * output.
 *
 * @param terminal whether a person watches, so that a progress bar is of use
 */
public record Console(PrintStream out, PrintStream err, boolean json, boolean terminal) {

    /** Fits the terminals that people use; a pipe gets every cell whole. */
    private static final int TERMINAL_WIDTH = 96;

    /** The console of this process. */
    // The check knows JDK 22 to 24; since 25, System.console() is null again off a terminal.
    @SuppressWarnings("SystemConsoleNull")
    static Console system() {
        java.io.Console console = System.console();
        return new Console(System.out, System.err, false, console != null && console.isTerminal());
    }

    /** The longest line that a table may have: that of a terminal, and any where none is. */
    int width() {
        return terminal ? TERMINAL_WIDTH : TextTable.ANY_WIDTH;
    }

    Console withJson(boolean wanted) {
        return new Console(out, err, wanted, terminal);
    }

    /** Prints what a command did: the text for people, or the object for programs. */
    public void result(ObjectNode object, String text) {
        if (json) {
            event("result", object);
        } else {
            out.println(text);
            out.flush();
        }
    }

    /** Prints one JSON line with {@code event} as its first key; only of use with {@link #json}. */
    public void event(String name, ObjectNode fields) {
        ObjectNode line = StrictJson.object().put("event", name);
        line.setAll(fields);
        out.println(line);
        out.flush();
    }

    /** A bar, JSON lines or nothing, whichever this console wants, for one step of known size. */
    public ProgressBar progress(String step, long total) {
        return new ProgressBar(this, step, total);
    }

    void failure(Failure failure) {
        if (json) {
            event(
                    "failure",
                    StrictJson.object()
                            .put("code", failure.code().code())
                            .put("group", failure.code().group().code())
                            .put("what", failure.what())
                            .put("expected", failure.expected())
                            .put("found", failure.found())
                            .put("action", failure.action()));
        }
        complain(failure.line());
    }

    void complain(String line) {
        err.println(String.format(Locale.ROOT, "flipside-image: %s", line));
        err.flush();
    }
}
