package dev.flipside.updater.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CoordinatorThreadTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SOON = Duration.ofSeconds(10);

    private final CompletableFuture<Throwable> bug = new CompletableFuture<>();
    private final CoordinatorThread thread =
            new CoordinatorThread(() -> {}, Duration.ofMillis(20), LONG, bug::complete);

    @AfterEach
    void stop() throws Exception {
        thread.stop(Duration.ofMillis(100));
    }

    @Test
    void doesOneTaskAfterTheOtherOnOneThread() throws Exception {
        thread.start();
        List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 20; i++) {
            int number = i;
            assertEquals(
                    number,
                    thread.submit(
                                    () -> {
                                        threads.add(Thread.currentThread());
                                        return number;
                                    })
                            .get(10, TimeUnit.SECONDS));
        }
        assertEquals(1, threads.stream().distinct().count());
    }

    @Test
    void givesAnExpectedFailureToWhoAskedAndGoesOn() throws Exception {
        thread.start();
        FlipsideException failure =
                new FlipsideException(FailureCode.UPDATE_HELD, "a", "b", "c", "d");
        CompletableFuture<Object> failed =
                thread.submit(
                        () -> {
                            throw failure;
                        });
        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> failed.get(10, TimeUnit.SECONDS));
        assertSame(failure, thrown.getCause());
        assertEquals("on", thread.submit(() -> "on").get(10, TimeUnit.SECONDS));
        assertFalse(bug.isDone());
    }

    @Test
    void endsWithABugAndSaysSo() throws Exception {
        thread.start();
        CompletableFuture<Object> failed =
                thread.submit(
                        () -> {
                            throw new IllegalStateException("a bug");
                        });
        assertTrue(bug.get(10, TimeUnit.SECONDS).toString().contains("a bug"));
        assertTrue(failed.isCompletedExceptionally());
        assertTrue(eventuallyDead());
    }

    private static boolean opens(CountDownLatch latch, Duration within) {
        try {
            return latch.await(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean eventuallyDead() {
        long until = System.nanoTime() + SOON.toNanos();
        while (thread.alive() && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        return !thread.alive();
    }

    @Test
    void refusesMoreThanItCanKeep() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        FlipsideException refused =
                assertThrows(
                        FlipsideException.class,
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                thread.submit(
                                        () -> {
                                            return opens(open, SOON);
                                        });
                            }
                        });
        assertEquals(FailureCode.UPDATER_BUSY, refused.failure().code());
        open.countDown();
    }

    @Test
    void givesNoSignOfLifeForATaskThatHangs() throws Exception {
        CoordinatorThread impatient =
                new CoordinatorThread(
                        () -> {}, Duration.ofMillis(5), Duration.ofMillis(300), bug::complete);
        impatient.start();
        CountDownLatch hang = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Boolean> hanging =
                impatient.submit(
                        () -> {
                            // Slow, and alive: it says so.
                            for (int i = 0; i < 20; i++) {
                                opens(goOn, Duration.ofMillis(30));
                                impatient.sign();
                            }
                            return opens(hang, Duration.ofMinutes(1));
                        });
        goOn.await(500, TimeUnit.MILLISECONDS);
        assertTrue(impatient.alive());
        long until = System.nanoTime() + SOON.toNanos();
        while (impatient.alive() && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertFalse(impatient.alive());
        hang.countDown();
        assertTrue(hanging.get(10, TimeUnit.SECONDS));
        assertTrue(impatient.stop(SOON));
    }

    @Test
    void stopsInTheMiddleOfALongTaskAndCancelsWhatWaits() throws Exception {
        thread.start();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Object> staging =
                thread.submit(
                        () -> {
                            while (true) {
                                begun.countDown();
                                thread.sign();
                            }
                        });
        CompletableFuture<String> next = thread.submit(() -> "never");
        assertTrue(begun.await(10, TimeUnit.SECONDS));
        assertTrue(thread.stop(SOON));
        assertTrue(staging.isCompletedExceptionally());
        assertThrows(CancellationException.class, next::join);
        assertFalse(bug.isDone());
        FlipsideException late =
                assertThrows(FlipsideException.class, () -> thread.submit(() -> "late"));
        assertEquals(FailureCode.UPDATER_BUSY, late.failure().code());
    }
}
