package dev.flipside.updater.health;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Time as it passes in a trial, whatever is done to the clock. */
public interface Pace {
    /** Since the trial began. */
    Duration elapsed();

    /** Waits. */
    void pause(Duration duration) throws IOException;

    /** The machine's own. */
    static Pace ofThisMachine() {
        long start = System.nanoTime();
        CountDownLatch never = new CountDownLatch(1);
        return new Pace() {
            @Override
            public Duration elapsed() {
                return Duration.ofNanos(System.nanoTime() - start);
            }

            @Override
            public void pause(Duration duration) throws IOException {
                try {
                    boolean over = never.await(duration.toNanos(), TimeUnit.NANOSECONDS);
                    if (over) {
                        throw new IllegalStateException("nobody counts down");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted in a trial");
                }
            }
        };
    }
}
