package dev.flipside.updater.daemon;

import dev.flipside.failure.FlipsideException;

/** Something to do for somebody who waits for its result. */
@FunctionalInterface
interface Work<T> {
    T run() throws FlipsideException;
}
