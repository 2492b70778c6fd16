package dev.flipside.updater.api;

import dev.flipside.json.StrictJson;
import dev.flipside.updater.operation.Query;
import dev.flipside.updater.operation.Report;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A desk that writes down what it is asked, and answers at once unless it is told to wait. */
final class FakeDesk implements Desk {
    final List<Request> ran = Collections.synchronizedList(new ArrayList<>());
    final List<String> by = Collections.synchronizedList(new ArrayList<>());
    final List<Throwable> bugs = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger dropped = new AtomicInteger();
    volatile CompletableFuture<Report> next;

    @Override
    public CompletionStage<Report> ask(Query query) {
        return done(query.code());
    }

    @Override
    public CompletionStage<Report> run(Authorised authorised) {
        ran.add(authorised.request());
        by.add(authorised.by());
        CompletableFuture<Report> given = next;
        return given == null ? done(authorised.request().name()) : given;
    }

    @Override
    public CompletionStage<String> metrics() {
        return CompletableFuture.completedFuture("# metrics\n");
    }

    @Override
    public void droppedClient() {
        dropped.incrementAndGet();
    }

    private static CompletableFuture<Report> done(String name) {
        return CompletableFuture.completedFuture(
                new Report(StrictJson.object().put("did", name), List.of("did " + name)));
    }
}
