package dev.flipside.updater.source;

import java.time.Duration;

/**
 * How long and how often a {@link Source} tries.
 *
 * @param attempts how many tries in a row may bring too little; a try that brings at least {@link
 *     #PROGRESS_BYTES} starts the count again
 * @param firstDelay the wait after the first of them, doubled after each further one
 * @param maxDelay what no wait exceeds, whatever the server asks for
 * @param connectTimeout for the connection and the TLS handshake
 * @param stallTimeout how long a connection may bring less than {@link #STALL_BYTES}
 * @param redirects how many redirects of one request are followed
 */
public record SourceLimits(
        int attempts,
        Duration firstDelay,
        Duration maxDelay,
        Duration connectTimeout,
        Duration stallTimeout,
        int redirects) {
    /** What a try must bring to count as one that got on. */
    static final long PROGRESS_BYTES = 64 * 1024;

    /** Less than this within the stall timeout is no progress, but a server that holds us. */
    static final long STALL_BYTES = 4 * 1024;

    public SourceLimits {
        if (attempts < 1 || redirects < 0 || stallTimeout.isZero() || stallTimeout.isNegative()) {
            throw new IllegalArgumentException("a limit below the lowest that works");
        }
    }

    /** Gives up after six tries in a row, with half a minute of waits between them. */
    public static SourceLimits usual() {
        return new SourceLimits(
                6,
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                3);
    }

    /** The wait after so many tries in a row that brought too little, counted from 1. */
    Duration delayAfter(int failures) {
        long millis = firstDelay.toMillis() << Math.min(failures - 1, 20);
        return millis > maxDelay.toMillis() ? maxDelay : Duration.ofMillis(millis);
    }
}
