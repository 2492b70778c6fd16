package dev.flipside.updater.daemon;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;

/** What is done at a start before anything else: a memory that cannot be read is rebuilt. */
final class Recovery {
    private Recovery() {}

    static void run(HostRuntime host, Feed feed) throws FlipsideException {
        Journal journal = host.coordinator(feed).journal();
        try {
            try {
                journal.load();
            } catch (FlipsideException e) {
                if (e.failure().code() != FailureCode.STATE_MALFORMED) {
                    throw e;
                }
                feed.failed("load-state", e.failure());
                journal.rebuild();
            }
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.IO_FAILED,
                            host.config().host().state().toString(),
                            "a state folder that can be read",
                            String.valueOf(e.getMessage()),
                            "check the state folder, its disk and its permissions"),
                    e);
        }
    }
}
