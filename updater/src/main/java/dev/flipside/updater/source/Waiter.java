package dev.flipside.updater.source;

import java.time.Duration;

/** Waits between two tries; a test's waiter only writes down how long that would be. */
@FunctionalInterface
public interface Waiter {
    void waitFor(Duration duration) throws InterruptedException;
}
