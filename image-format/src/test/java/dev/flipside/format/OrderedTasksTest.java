package dev.flipside.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class OrderedTasksTest {
    private static Iterator<OrderedTasks.Task<Integer>> tasks(
            int count, OrderedTasks.Task<Integer> before) {
        return IntStream.range(0, count)
                .<OrderedTasks.Task<Integer>>mapToObj(
                        n ->
                                () -> {
                                    before.run();
                                    return n;
                                })
                .iterator();
    }

    @Test
    void handsResultsOverInTheOrderOfTheTasks() throws IOException {
        List<Integer> received = new ArrayList<>();
        OrderedTasks.run(4, tasks(1000, () -> 0), received::add);
        assertEquals(IntStream.range(0, 1000).boxed().toList(), received);
    }

    @Test
    void beginsNoMoreThanItMayKeep() throws IOException {
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger received = new AtomicInteger();
        OrderedTasks.run(
                2,
                tasks(200, begun::incrementAndGet),
                n -> {
                    int ahead = begun.get() - received.getAndIncrement();
                    assertTrue(ahead <= 2 * 2, "begun and not received: " + ahead);
                });
        assertEquals(200, received.get());
    }

    @Test
    void stopsAtTheFirstFailureOfATask() {
        AtomicInteger begun = new AtomicInteger();
        IOException failure =
                assertThrows(
                        IOException.class,
                        () ->
                                OrderedTasks.run(
                                        2,
                                        tasks(
                                                1000,
                                                () -> {
                                                    if (begun.incrementAndGet() > 10) {
                                                        throw new IOException("bad medium");
                                                    }
                                                    return 0;
                                                }),
                                        n -> {}));
        assertEquals("bad medium", failure.getMessage());
        assertTrue(begun.get() < 20, "begun: " + begun);
    }

    @Test
    void stopsWhenTheReceiverFails() {
        AtomicInteger begun = new AtomicInteger();
        assertThrows(
                IOException.class,
                () ->
                        OrderedTasks.run(
                                2,
                                tasks(1000, begun::incrementAndGet),
                                n -> {
                                    throw new IOException("no room");
                                }));
        assertTrue(begun.get() < 10, "begun: " + begun);
    }

    @Test
    void letsABugInATaskThrough() {
        IllegalStateException bug =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                OrderedTasks.run(
                                        2,
                                        tasks(
                                                3,
                                                () -> {
                                                    throw new ArithmeticException("a bug");
                                                }),
                                        n -> {}));
        assertInstanceOf(ArithmeticException.class, bug.getCause());
    }
}
