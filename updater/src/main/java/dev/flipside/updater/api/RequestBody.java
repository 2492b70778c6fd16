package dev.flipside.updater.api;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * The body of a request: at most {@value #MAX_BYTES} bytes, refused as early as that shows, and
 * whole within {@value #PATIENCE_MILLIS} ms.
 */
final class RequestBody {
    static final int MAX_BYTES = 64 << 10;

    private static final long PATIENCE_MILLIS = 10_000;
    private static final int TIMEOUT = 408;
    private static final int TOO_LARGE = 413;
    private static final int WRONG_TYPE = 415;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Handler<Buffer> whole;
    private final Buffer bytes = Buffer.buffer();
    private boolean refused;

    RequestBody(Vertx vertx, HttpServerRequest request, Handler<Buffer> whole) {
        this.vertx = vertx;
        this.request = request;
        this.whole = whole;
    }

    /** Has the handler called with the whole body, unless it is refused. */
    void read() {
        String length = request.getHeader("Content-Length");
        if (length != null && !length.matches("\\d{1,5}")) {
            refuse(TOO_LARGE, "at most %d bytes".formatted(MAX_BYTES), length);
            return;
        }
        String type = request.getHeader("Content-Type");
        if (type != null && !type.matches("application/json(;.*)?")) {
            refuse(WRONG_TYPE, Answers.JSON, type);
            return;
        }
        if (request.getHeader("Expect") != null) {
            request.response().writeContinue();
        }
        long timer =
                vertx.setTimer(PATIENCE_MILLIS, late -> refuse(TIMEOUT, "it in time", "a part"));
        request.handler(this::take);
        request.endHandler(
                end -> {
                    vertx.cancelTimer(timer);
                    if (!refused) {
                        whole.handle(bytes);
                    }
                });
    }

    private void take(Buffer piece) {
        if (refused) {
            return;
        }
        if (bytes.length() + (long) piece.length() > MAX_BYTES) {
            refuse(TOO_LARGE, "at most %d bytes".formatted(MAX_BYTES), "more");
            return;
        }
        bytes.appendBuffer(piece);
    }

    private void refuse(int status, String expected, String found) {
        refused = true;
        Answers.send(request, status, Answers.invalid("body", expected, found));
    }
}
