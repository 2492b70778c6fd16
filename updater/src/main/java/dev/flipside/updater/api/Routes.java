package dev.flipside.updater.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.metrics.MetricsText;
import dev.flipside.updater.operation.Operation;
import dev.flipside.updater.operation.Query;
import dev.flipside.updater.operation.Report;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Which request is what, and who may make it. Lives on the event loop. */
final class Routes {
    private static final String PREFIX = "/v1/";
    private static final String METRICS = "/metrics";
    private static final String EVENTS = PREFIX + "events";
    private static final String RELOAD = "reload";

    private final Vertx vertx;
    private final Desk desk;
    private final EventStream events;
    private final Peer.Owners owners;

    Routes(Vertx vertx, Desk desk, EventStream events, Peer.Owners owners) {
        this.vertx = vertx;
        this.desk = desk;
        this.events = events;
        this.owners = owners;
    }

    /** Requests at the Unix socket. */
    void socket(HttpServerRequest request) {
        try {
            Peer peer = Peer.of(request.connection(), owners);
            if (METRICS.equals(request.path())) {
                metrics(request);
            } else if (EVENTS.equals(request.path())) {
                if (Answers.hasMethod(request, HttpMethod.GET)) {
                    events.add(request);
                }
            } else {
                versioned(request, peer);
            }
        } catch (FlipsideException e) {
            Answers.failure(request, e.failure());
        }
    }

    /** Requests of a scraper, who may be anybody on this machine. */
    void metricsOnly(HttpServerRequest request) {
        if (METRICS.equals(request.path())) {
            metrics(request);
        } else {
            Answers.unknown(request);
        }
    }

    private void metrics(HttpServerRequest request) {
        if (Answers.hasMethod(request, HttpMethod.GET)) {
            answer(
                    request,
                    desk.metrics(),
                    text ->
                            request.response()
                                    .putHeader("Content-Type", MetricsText.TYPE)
                                    .end(text));
        }
    }

    private void versioned(HttpServerRequest request, Peer peer) {
        String path = String.valueOf(request.path());
        String name = path.startsWith(PREFIX) ? path.substring(PREFIX.length()) : "";
        Optional<Query> query =
                Arrays.stream(Query.values()).filter(it -> it.code().equals(name)).findFirst();
        if (query.isPresent()) {
            if (Answers.hasMethod(request, HttpMethod.GET)) {
                report(request, desk.ask(query.get()));
            }
        } else if (name.equals(RELOAD) || Operation.names().contains(name)) {
            if (Answers.hasMethod(request, HttpMethod.POST)) {
                new RequestBody(vertx, request, bytes -> change(request, peer, name, bytes)).read();
            }
        } else {
            Answers.unknown(request);
        }
    }

    /** The whole request is here: it is read once, authorised once, and that object runs. */
    private void change(HttpServerRequest request, Peer peer, String name, Buffer body) {
        try {
            ObjectNode fields =
                    body.length() == 0
                            ? StrictJson.object()
                            : StrictJson.parse(
                                    body.getBytes(), "body", FailureCode.REQUEST_INVALID);
            report(request, desk.run(Authorised.of(request(name, fields), peer)));
        } catch (FlipsideException e) {
            Answers.failure(request, e.failure());
        }
    }

    private static Request request(String name, ObjectNode fields) throws FlipsideException {
        if (!name.equals(RELOAD)) {
            return new Request.Change(Operation.of(name, fields));
        }
        if (!fields.isEmpty()) {
            throw new FlipsideException(
                    Answers.invalid(
                            RELOAD, "no fields", "'%s'".formatted(fields.fieldNames().next())));
        }
        return new Request.Reload();
    }

    private static void report(HttpServerRequest request, CompletionStage<Report> stage) {
        answer(
                request,
                stage,
                report ->
                        request.response()
                                .putHeader("Content-Type", Answers.JSON)
                                .end(StrictJson.line(report.toJson())));
    }

    private static <T> void answer(
            HttpServerRequest request, CompletionStage<T> stage, Consumer<T> sender) {
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        stage.whenComplete(
                (result, thrown) ->
                        loop.runOnContext(
                                then -> {
                                    if (request.response().ended() || request.response().closed()) {
                                        // Whoever asked has gone; what was asked for is done.
                                        return;
                                    }
                                    if (thrown == null) {
                                        sender.accept(result);
                                    } else {
                                        Answers.failure(request, Answers.expected(thrown));
                                    }
                                }));
    }
}
