package dev.flipside.updater.api;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.operation.FailureJson;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** What is answered when something is not as it should be; each failure has one status. */
final class Answers {
    static final String JSON = "application/json";

    private static final String RETRY_SECONDS = "10";

    private Answers() {}

    static void failure(HttpServerRequest request, Failure failure) {
        send(request, status(failure.code()), failure);
    }

    static void send(HttpServerRequest request, int status, Failure failure) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status).putHeader("Content-Type", JSON);
        if (status == 503) {
            response.putHeader("Retry-After", RETRY_SECONDS);
        }
        if (!request.isEnded()) {
            // What is still to come of the request is never read.
            response.putHeader("Connection", "close");
            response.end(StrictJson.line(FailureJson.of(failure)))
                    .onComplete(sent -> request.connection().close());
        } else {
            response.end(StrictJson.line(FailureJson.of(failure)));
        }
    }

    private static int status(FailureCode code) {
        if (code == FailureCode.ACCESS_DENIED) {
            return 403;
        }
        if (code == FailureCode.UPDATER_BUSY) {
            return 503;
        }
        if (code == FailureCode.REQUEST_INVALID || code == FailureCode.NAME_INVALID) {
            return 400;
        }
        return switch (code.group()) {
            case UNTRUSTED_IMAGE, SOURCE_UNAVAILABLE -> 502;
            case POLICY_REFUSED -> 409;
            case INVALID_CONFIG -> 422;
            case HOST_FAULT -> 500;
        };
    }

    /** The failure that a stage ended with. */
    static Failure expected(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        if (cause instanceof FlipsideException e) {
            return e.failure();
        }
        if (cause instanceof CancellationException) {
            return new Failure(
                    FailureCode.UPDATER_BUSY,
                    "flipsided",
                    "it to run until this was done",
                    "it stopping",
                    "try again once it runs; what was done is kept");
        }
        return new Failure(
                FailureCode.IO_FAILED,
                "flipsided",
                "an answer",
                String.valueOf(cause),
                "please report this bug, with the log of flipsided");
    }

    /** Whether the method is the one that the path has; answers 405 when it is not. */
    static boolean hasMethod(HttpServerRequest request, HttpMethod method) {
        if (request.method().equals(method)) {
            return true;
        }
        request.response().putHeader("Allow", method.name());
        send(
                request,
                405,
                invalid(String.valueOf(request.path()), method.name(), request.method().name()));
        return false;
    }

    /** Answers 404. */
    static void unknown(HttpServerRequest request) {
        send(
                request,
                404,
                invalid(
                        "path",
                        "one that docs/reference/openapi.yaml describes",
                        "'%s'".formatted(request.path())));
    }

    static Failure invalid(String what, String expected, String found) {
        return new Failure(
                FailureCode.REQUEST_INVALID,
                what,
                expected,
                found,
                "correct the request; docs/reference/openapi.yaml describes it");
    }
}
