package dev.flipside.updater.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.UpdaterConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The daemon's socket: HTTP/1.1 as {@code docs/reference/openapi.yaml} describes it, on a Unix
 * socket; and, where it is wanted, the metrics alone on a loopback address.
 *
 * <p>It listens from the start, but Vert.x starts when somebody calls first, as that costs more
 * than all else at the start of a daemon that nobody asks in most boots. Whoever calls waits in the
 * kernel's queue until then.
 *
 * <p>Invariants: at most {@value #MAX_CONNECTIONS} connections, each with a bounded request, a
 * bounded time to send it, and bounded answers in memory.
 */
public final class ApiServer implements AutoCloseable {
    static final int MAX_CONNECTIONS = 64;

    private static final int MAX_HEADER_BYTES = 8 << 10;
    private static final int MAX_LINE_BYTES = 2 << 10;
    private static final int START_SECONDS = 10;
    private static final int CLOSE_SECONDS = 5;

    private final UpdaterConfig.Daemon config;
    private final Desk desk;
    private final Peer.Owners owners;
    private final Function<Transport, Vertx> loop;
    private final Doorway doorway;
    private final Thread waiting;
    private final AtomicBoolean answered = new AtomicBoolean(true);
    private volatile Optional<Served> served = Optional.empty();

    /** What runs once somebody has called. */
    private record Served(
            Vertx vertx,
            ListeningSocket.Way way,
            EventStream events,
            Optional<HttpServer> scraped) {}

    private ApiServer(
            UpdaterConfig.Daemon config,
            Desk desk,
            Peer.Owners owners,
            Function<Transport, Vertx> loop,
            Consumer<Throwable> onBug,
            Doorway doorway) {
        this.config = config;
        this.desk = desk;
        this.owners = owners;
        this.loop = loop;
        this.doorway = doorway;
        this.waiting =
                Thread.ofPlatform().name("doorway").daemon().unstarted(() -> waitForCall(onBug));
    }

    /**
     * Listens.
     *
     * @param loop starts Vert.x, on channels of its own; called at most once
     * @param onBug is told what keeps it from answering
     * @throws FlipsideException {@code io-failed} when it cannot
     */
    public static ApiServer start(
            UpdaterConfig.Daemon config,
            Desk desk,
            Function<Transport, Vertx> loop,
            Consumer<Throwable> onBug)
            throws FlipsideException {
        try {
            return start(config, desk, Peer.Owners.ofThisProcess(), loop, onBug);
        } catch (IOException e) {
            throw failed(config, e);
        }
    }

    /** With other owners than root and this user. */
    static ApiServer start(
            UpdaterConfig.Daemon config,
            Desk desk,
            Peer.Owners owners,
            Function<Transport, Vertx> loop,
            Consumer<Throwable> onBug)
            throws FlipsideException {
        Doorway doorway = null;
        try {
            doorway = Doorway.open(config.socket(), config.readerGroup(), MAX_CONNECTIONS);
            ApiServer server = new ApiServer(config, desk, owners, loop, onBug, doorway);
            if (config.metricsListen().isPresent()) {
                server.serve();
            } else {
                server.waiting.start();
            }
            return server;
        } catch (IOException e) {
            if (doorway != null) {
                closeAfter(e, doorway);
            }
            throw failed(config, e);
        }
    }

    private void waitForCall(Consumer<Throwable> onBug) {
        try {
            if (doorway.waitForCall()) {
                serve();
            }
        } catch (IOException | RuntimeException | Error e) {
            onBug.accept(e);
        }
    }

    private void serve() throws IOException {
        ListeningSocket.Way way = new ListeningSocket.Way(doorway.handOver());
        Vertx vertx = loop.apply(way);
        try {
            EventStream events = new EventStream(vertx, desk::droppedClient);
            Routes routes = new Routes(vertx, desk, events, owners);
            Optional<HttpServer> scraped = Optional.empty();
            if (config.metricsListen().isPresent()) {
                InetSocketAddress address = config.metricsListen().get();
                scraped =
                        Optional.of(
                                listening(
                                        server(vertx, routes::metricsOnly),
                                        SocketAddress.inetSocketAddress(address)));
            }
            listening(
                    server(vertx, routes::socket),
                    SocketAddress.domainSocketAddress(config.socket().toString()));
            served = Optional.of(new Served(vertx, way, events, scraped));
            way.open();
        } catch (IOException | RuntimeException e) {
            end(vertx);
            throw e;
        }
    }

    static HttpServer server(
            Vertx vertx, io.vertx.core.Handler<io.vertx.core.http.HttpServerRequest> handler) {
        HttpServerOptions options =
                new HttpServerOptions()
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setMaxInitialLineLength(MAX_LINE_BYTES)
                        .setHttp2ClearTextEnabled(false)
                        .setCompressionSupported(false)
                        .setDecompressionSupported(false);
        Connections connections = new Connections(vertx, MAX_CONNECTIONS);
        return vertx.createHttpServer(options)
                .connectionHandler(connections::opened)
                .requestHandler(
                        request -> {
                            connections.asked(request);
                            handler.handle(request);
                        });
    }

    static HttpServer listening(HttpServer server, SocketAddress address) throws IOException {
        try {
            return server.listen(address)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause().getMessage()), e);
        } catch (TimeoutException e) {
            throw new IOException("it did not listen within %d s".formatted(START_SECONDS), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void closeAfter(IOException cause, Doorway doorway) {
        try {
            doorway.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static FlipsideException failed(UpdaterConfig.Daemon config, IOException cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.IO_FAILED,
                        "socket " + config.socket(),
                        "to listen there, and for the scraper where one is configured",
                        String.valueOf(cause.getMessage()),
                        "check '[daemon] socket' and 'metrics-listen', and that the folder is"
                                + " writable"),
                cause);
    }

    /** Sends an event to whoever follows; from any thread, and without waiting. */
    public void publish(ObjectNode event) {
        served.ifPresent(it -> it.events().publish(event));
    }

    /** Whether the group that may read exists. */
    public boolean readable() {
        return doorway.readable();
    }

    /** The port for the scraper. */
    public Optional<Integer> metricsPort() {
        return served.flatMap(Served::scraped).map(HttpServer::actualPort);
    }

    /**
     * Whether what waits for callers still turns. Each question asks the event loop for a sign, for
     * which there is time until the next one.
     */
    public boolean alive() {
        Optional<Served> now = served;
        if (now.isEmpty()) {
            return waiting.isAlive();
        }
        boolean before = answered.getAndSet(false);
        now.get().vertx().runOnContext(then -> answered.set(true));
        return before;
    }

    /**
     * Stops listening, at once; what is being answered is cut off with its connection. Where Vert.x
     * is just starting, it ends once it has started: the socket stays open below it until then.
     */
    @Override
    public void close() throws IOException {
        doorway.shut();
        try {
            if (waiting.getState() != Thread.State.NEW) {
                waiting.join(Duration.ofSeconds(START_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Optional<Served> ending = served;
        served = Optional.empty();
        ending.ifPresent(
                it -> {
                    it.way().close(Duration.ofSeconds(CLOSE_SECONDS));
                    end(it.vertx());
                });
        doorway.close();
    }

    private static void end(Vertx vertx) {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(CLOSE_SECONDS, TimeUnit.SECONDS)
                .exceptionally(late -> null)
                .join();
    }
}
