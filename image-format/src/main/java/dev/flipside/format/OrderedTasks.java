package dev.flipside.format;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs tasks on several threads, and hands their results over in the order of the tasks, so that
 * the output does not depend on who was faster.
 *
 * <p>Invariant: at most twice as many tasks as threads are begun and not yet handed over, which
 * bounds the memory whatever the number of tasks.
 */
public final class OrderedTasks {
    private static final int IN_FLIGHT_PER_THREAD = 2;

    private OrderedTasks() {}

    /** One piece of work. */
    @FunctionalInterface
    public interface Task<T> {
        T run() throws IOException;
    }

    /** Takes the results, one after the other, on the thread that called {@link #run}. */
    @FunctionalInterface
    public interface Receiver<T> {
        void accept(T result) throws IOException;
    }

    /**
     * Returns when all results have been received. When a task or the receiver fails, what is
     * running comes to its end, nothing else is begun, and the failure is thrown.
     */
    public static <T> void run(int threads, Iterator<Task<T>> tasks, Receiver<T> receiver)
            throws IOException {
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            Queue<Future<T>> inFlight = new ArrayDeque<>();
            try {
                while (tasks.hasNext() || !inFlight.isEmpty()) {
                    while (tasks.hasNext() && inFlight.size() < threads * IN_FLIGHT_PER_THREAD) {
                        Task<T> task = tasks.next();
                        inFlight.add(executor.submit(task::run));
                    }
                    receiver.accept(await(inFlight.remove()));
                }
            } finally {
                inFlight.forEach(future -> future.cancel(false));
            }
        }
    }

    private static <T> T await(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted at work").initCause(e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException bug -> throw new IllegalStateException(bug);
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
