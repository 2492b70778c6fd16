package dev.flipside.updater.source;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Makes each wait longer by up to a half, so that hosts that lost a server together do not come
 * back together. Never shorter: a server that asks for a time gets it.
 */
record Jitter(RandomGenerator random, Waiter waiter) implements Waiter {
    @Override
    public void waitFor(Duration duration) throws InterruptedException {
        long half = duration.toMillis() / 2;
        waiter.waitFor(duration.plusMillis(random.nextLong(half + 1)));
    }
}
