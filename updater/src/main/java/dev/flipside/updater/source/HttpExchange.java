package dev.flipside.updater.source;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One request and its answer, for a thread that may block.
 *
 * <p>Invariant: at most {@link #CREDIT} pieces of the body wait here; the connection is not read
 * further before the caller has taken one, and a break adds only what Vert.x had read ahead (some
 * twenty pieces). So memory does not depend on who is faster.
 */
final class HttpExchange implements AutoCloseable {
    private static final int CREDIT = 4;

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Duration stallTimeout;

    // Written and read on the event loop only.
    private final Context context;
    private HttpClientRequest request;
    private HttpClientResponse response;
    private boolean abandoned;
    private boolean over;

    // Of the caller's thread.
    private HttpClientResponse head;
    private boolean ended;
    private long bodyBytes;
    private long windowEndNanos;
    private long windowBytes;

    private sealed interface Event {
        record Head(HttpClientResponse response) implements Event {}

        record Piece(Buffer bytes) implements Event {}

        record End() implements Event {}

        record Broken(Throwable cause) implements Event {}
    }

    private HttpExchange(Context context, Duration stallTimeout) {
        this.context = context;
        this.stallTimeout = stallTimeout;
    }

    /** Sends a request, and waits for status and headers of its answer. */
    static HttpExchange start(
            Vertx vertx, HttpClient client, RequestOptions options, Duration stallTimeout)
            throws BrokenTransfer, InterruptedException {
        HttpExchange exchange = new HttpExchange(vertx.getOrCreateContext(), stallTimeout);
        exchange.context.runOnContext(nothing -> exchange.send(client, options));
        try {
            exchange.awaitHead();
            return exchange;
        } catch (BrokenTransfer | InterruptedException e) {
            exchange.close();
            throw e;
        }
    }

    private void send(HttpClient client, RequestOptions options) {
        client.request(options)
                .compose(
                        made -> {
                            request = made;
                            // What the answer hears of is enough; Vert.x would print it, too.
                            made.connection().exceptionHandler(heard -> {});
                            return made.send();
                        })
                .onSuccess(this::receive)
                .onFailure(this::broken);
    }

    private void receive(HttpClientResponse received) {
        response = received;
        // Before all else: Vert.x prints what nobody wants to hear of.
        response.exceptionHandler(this::broken);
        if (abandoned) {
            request.reset();
            return;
        }
        response.pause();
        response.handler(bytes -> events.add(new Event.Piece(bytes)));
        response.endHandler(nothing -> finish(new Event.End()));
        events.add(new Event.Head(response));
        response.fetch(CREDIT);
    }

    private void broken(Throwable cause) {
        if (response != null) {
            // What came before the break is good, and must not be fetched again.
            response.fetch(Long.MAX_VALUE);
        }
        context.runOnContext(nothing -> finish(new Event.Broken(cause)));
    }

    private void finish(Event last) {
        if (!over) {
            over = true;
            events.add(last);
        }
    }

    private void awaitHead() throws BrokenTransfer, InterruptedException {
        openWindow();
        head =
                switch (next()) {
                    case Event.Head first -> first.response();
                    case Event.Broken broken -> throw brokenBy(broken.cause());
                    case Event.Piece piece -> throw new IllegalStateException("body " + piece);
                    case Event.End end -> throw new IllegalStateException("end " + end);
                };
    }

    /** Status and headers of the answer. */
    HttpClientResponse head() {
        return head;
    }

    /**
     * Waits for the next piece of the body, empty at its end. A body that has come whole is at its
     * end also where the connection broke behind it.
     */
    Optional<Buffer> piece() throws BrokenTransfer, InterruptedException {
        return switch (next()) {
            case Event.Piece piece -> {
                context.runOnContext(nothing -> response.fetch(1));
                windowBytes += piece.bytes().length();
                bodyBytes += piece.bytes().length();
                yield Optional.of(piece.bytes());
            }
            case Event.End end -> {
                ended = true;
                yield Optional.empty();
            }
            case Event.Broken broken -> {
                if (!isWhole()) {
                    throw brokenBy(broken.cause());
                }
                yield Optional.empty();
            }
            case Event.Head second -> throw new IllegalStateException("head " + second);
        };
    }

    private boolean isWhole() {
        return HttpAnswers.contentLength(head).filter(length -> length == bodyBytes).isPresent();
    }

    private static BrokenTransfer brokenBy(Throwable cause) {
        String message = cause.getMessage();
        return new BrokenTransfer(
                message == null ? cause.getClass().getSimpleName() : message, cause);
    }

    private Event next() throws BrokenTransfer, InterruptedException {
        // What is here already came in time, however long the caller was away.
        Event event = events.poll();
        while (event == null) {
            long leftNanos = windowEndNanos - System.nanoTime();
            if (leftNanos <= 0) {
                closeWindow();
            } else {
                event = events.poll(leftNanos, TimeUnit.NANOSECONDS);
            }
        }
        return event;
    }

    private void closeWindow() throws BrokenTransfer {
        if (windowBytes < SourceLimits.STALL_BYTES) {
            throw new BrokenTransfer(
                    "%d bytes in %d ms".formatted(windowBytes, stallTimeout.toMillis()));
        }
        openWindow();
    }

    private void openWindow() {
        windowEndNanos = System.nanoTime() + stallTimeout.toNanos();
        windowBytes = 0;
    }

    /** Gives the connection back when the answer was read to its end, and breaks it otherwise. */
    @Override
    public void close() {
        if (!ended) {
            context.runOnContext(nothing -> abandon());
        }
    }

    private void abandon() {
        abandoned = true;
        over = true;
        if (request != null) {
            request.reset();
        }
    }
}
