package dev.flipside.updater.slot;

import dev.flipside.failure.FailureGroup;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Source;

/** Asks again, elsewhere where there is an elsewhere, for what was not what trust says it is. */
final class Insistence {
    private Insistence() {}

    /** Something that is fetched and checked as a whole. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws FlipsideException;
    }

    static <T> T on(Source source, Attempt<T> attempt) throws FlipsideException {
        while (true) {
            try {
                return attempt.run();
            } catch (FlipsideException e) {
                if (!helps(source, e, 0)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Whether to ask again after this failure; a bounded number of times, as {@link Source#refused}
     * says.
     */
    static boolean helps(Source source, FlipsideException e, long goodBytes) {
        return e.failure().code().group() == FailureGroup.UNTRUSTED_IMAGE
                && source.refused(e.failure(), goodBytes);
    }
}
