package dev.flipside.updater.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Map;

/**
 * The open connections of one server: at most so many, and none that waits for ever for its next
 * request. Lives on the event loop.
 */
final class Connections {
    /** For a request's head, and between two requests. */
    private static final long PATIENCE_MILLIS = 10_000;

    private final Vertx vertx;
    private final int max;
    private final Map<HttpConnection, Long> timers = new HashMap<>();

    Connections(Vertx vertx, int max) {
        this.vertx = vertx;
        this.max = max;
    }

    void opened(HttpConnection connection) {
        if (timers.size() >= max) {
            connection.close();
            return;
        }
        timers.put(connection, patience(connection));
        connection.closeHandler(
                closed -> {
                    Long timer = timers.remove(connection);
                    if (timer != null) {
                        vertx.cancelTimer(timer);
                    }
                });
    }

    /** A head is here: patience begins anew when it is answered, however long that takes. */
    void asked(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        pause(connection);
        request.response().endHandler(answered -> restart(connection));
    }

    private void pause(HttpConnection connection) {
        Long timer = timers.get(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void restart(HttpConnection connection) {
        pause(connection);
        timers.computeIfPresent(connection, (same, timer) -> patience(connection));
    }

    private long patience(HttpConnection connection) {
        return vertx.setTimer(PATIENCE_MILLIS, late -> connection.close());
    }
}
