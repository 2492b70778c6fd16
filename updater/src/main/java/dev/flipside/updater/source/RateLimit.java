package dev.flipside.updater.source;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps the average rate of what is taken at a limit: after each piece there is a wait until it was
 * due. While nobody takes anything, the connection is not read, and TCP holds the server back.
 *
 * <p>Invariant: a pause earns no more than one second of haste after it.
 */
final class RateLimit {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long bytesPerSecond;
    private final LongSupplier nanos;
    private final Waiter waiter;
    private long dueNanos;
    private boolean started;

    /**
     * @param bytesPerSecond 0 for no limit
     */
    RateLimit(long bytesPerSecond, LongSupplier nanos, Waiter waiter) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanos = nanos;
        this.waiter = waiter;
    }

    /** Waits until so many bytes were due. */
    void took(int lengthBytes) throws InterruptedException {
        if (bytesPerSecond == 0) {
            return;
        }
        long now = nanos.getAsLong();
        if (!started || now - dueNanos > SECOND_NANOS) {
            dueNanos = started ? now - SECOND_NANOS : now;
            started = true;
        }
        dueNanos += lengthBytes * SECOND_NANOS / bytesPerSecond;
        if (dueNanos > now) {
            waiter.waitFor(Duration.ofNanos(dueNanos - now));
        }
    }
}
