package dev.flipside.updater.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.json.StrictJson;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * What happens, to whoever wants to know, as a JSON object a line.
 *
 * <p>Invariants: at most {@value #MAX_CLIENTS} clients, and at most {@value #MAX_WAITING} events
 * that wait for one of them. A client for whom more would wait does not read, and is dropped: the
 * daemon waits for nobody.
 */
public final class EventStream {
    static final int MAX_CLIENTS = 16;
    static final int MAX_WAITING = 256;

    private static final long ALIVE_MILLIS = 15_000;

    private final Context loop;
    private final Runnable onDropped;
    private final List<Client> clients = new ArrayList<>();

    EventStream(Vertx vertx, Runnable onDropped) {
        this.loop = vertx.getOrCreateContext();
        this.onDropped = onDropped;
        vertx.setPeriodic(ALIVE_MILLIS, tick -> publish(StrictJson.object().put("event", "alive")));
    }

    /** One client; lives on the event loop. */
    private static final class Client {
        private final HttpServerRequest request;
        private int waiting;

        private Client(HttpServerRequest request) {
            this.request = request;
        }
    }

    /** Sends an event to every client; from any thread, and without waiting. */
    public void publish(ObjectNode event) {
        Buffer line = Buffer.buffer(StrictJson.line(event) + "\n");
        loop.runOnContext(then -> List.copyOf(clients).forEach(client -> send(client, line)));
    }

    void add(HttpServerRequest request) {
        if (clients.size() >= MAX_CLIENTS) {
            Answers.failure(
                    request,
                    new Failure(
                            FailureCode.UPDATER_BUSY,
                            "event stream",
                            "at most %d clients".formatted(MAX_CLIENTS),
                            "more",
                            "end another one"));
            return;
        }
        HttpServerResponse response = request.response();
        Client client = new Client(request);
        clients.add(client);
        response.closeHandler(closed -> clients.remove(client));
        response.setChunked(true).putHeader("Content-Type", "application/x-ndjson");
        send(
                client,
                Buffer.buffer(StrictJson.line(StrictJson.object().put("event", "hello")) + "\n"));
    }

    private void send(Client client, Buffer line) {
        HttpServerResponse response = client.request.response();
        if (response.closed() || response.ended()) {
            clients.remove(client);
        } else if (client.waiting >= MAX_WAITING) {
            clients.remove(client);
            client.request.connection().close();
            onDropped.run();
        } else {
            client.waiting++;
            response.write(line).onComplete(written -> client.waiting--);
        }
    }
}
