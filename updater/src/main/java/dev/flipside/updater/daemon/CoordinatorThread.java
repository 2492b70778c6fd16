package dev.flipside.updater.daemon;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one thread that changes the host: does what it is handed one after the other, and in between
 * what is due.
 *
 * <p>Invariants: at most {@value #MAX_WAITING} wait; whatever ends the thread but {@link #stop} is
 * a bug, and is reported as one; {@link #alive} is true only while the thread gives signs of life.
 */
final class CoordinatorThread {
    private static final int MAX_WAITING = 8;

    private final BlockingQueue<Task<?>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread thread;
    private final Duration beat;
    private final Duration longestSilence;
    private volatile boolean stopping;
    private volatile long lastSignNanos = System.nanoTime();

    /**
     * @param due what is to be done between two tasks, at every beat
     * @param longestSilence after which a task that gives no sign of life is taken for hung
     * @param onBug is told what ended the thread
     */
    CoordinatorThread(
            Runnable due, Duration beat, Duration longestSilence, Consumer<Throwable> onBug) {
        this.beat = beat;
        this.longestSilence = longestSilence;
        this.thread = Thread.ofPlatform().name("coordinator").unstarted(() -> run(due, onBug));
    }

    private record Task<T>(Work<T> work, CompletableFuture<T> result) {
        /** An expected failure goes to who asked; a bug also ends the thread. */
        void run() {
            try {
                result.complete(work.run());
            } catch (FlipsideException | CancellationException e) {
                result.completeExceptionally(e);
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
                throw e;
            }
        }
    }

    void start() {
        thread.start();
    }

    /**
     * Hands a task over.
     *
     * @return completes with the result; exceptionally with a {@link FlipsideException}, or with a
     *     {@link CancellationException} when the daemon stops before it is done
     * @throws FlipsideException {@code updater-busy} when too many wait, or the daemon stops
     */
    <T> CompletableFuture<T> submit(Work<T> work) throws FlipsideException {
        Task<T> task = new Task<>(work, new CompletableFuture<>());
        if (stopping || !waiting.offer(task)) {
            throw new FlipsideException(
                    FailureCode.UPDATER_BUSY,
                    "flipsided",
                    stopping ? "it to run" : "at most %d that wait".formatted(MAX_WAITING),
                    stopping ? "it stopping" : "more",
                    "try again later");
        }
        if (stopping) {
            task.result().cancel(false);
        }
        return task.result();
    }

    /** What is under way tells that it goes on, and ends here when the daemon stops. */
    void sign() {
        lastSignNanos = System.nanoTime();
        if (stopping && Thread.currentThread().equals(thread)) {
            throw new CancellationException("flipsided stops");
        }
    }

    boolean stopping() {
        return stopping;
    }

    /** Whether the thread runs and has given a sign of life of late. */
    boolean alive() {
        return thread.isAlive() && System.nanoTime() - lastSignNanos < longestSilence.toNanos();
    }

    /**
     * Ends the thread: after the step that is under way, or, of a long one, in its middle. A step
     * that takes longer is left to the next start, as after a crash.
     *
     * @return whether it has ended within the time
     */
    boolean stop(Duration within) throws InterruptedException {
        stopping = true;
        boolean ended = thread.getState() == Thread.State.NEW || thread.join(within);
        Task<?> task = waiting.poll();
        while (task != null) {
            task.result().cancel(false);
            task = waiting.poll();
        }
        return ended;
    }

    private void run(Runnable due, Consumer<Throwable> onBug) {
        try {
            while (!stopping) {
                sign();
                due.run();
                Task<?> task = waiting.poll(beat.toNanos(), TimeUnit.NANOSECONDS);
                if (task != null) {
                    sign();
                    task.run();
                }
            }
        } catch (CancellationException e) {
            if (!stopping) {
                onBug.accept(e);
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            onBug.accept(e);
        }
    }
}
