package dev.flipside.updater.api;

import dev.flipside.updater.operation.Query;
import dev.flipside.updater.operation.Report;
import java.util.concurrent.CompletionStage;

/**
 * Who answers what comes in at the socket. Every stage ends, well or with a {@link
 * dev.flipside.failure.FlipsideException}; anything else is a bug.
 */
public interface Desk {
    CompletionStage<Report> ask(Query query);

    /** Does what was authorised, and nothing else. */
    CompletionStage<Report> run(Authorised authorised);

    /** The metrics in Prometheus' text format. */
    CompletionStage<String> metrics();

    /** A client of the event stream did not read, and is gone. */
    void droppedClient();
}
