package dev.flipside.updater.api;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.UpdaterConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The daemon's socket: HTTP/1.1 as {@code docs/reference/openapi.yaml} describes it, on a Unix
 * socket; and, where it is wanted, the metrics alone on a loopback address.
 *
 * <p>Invariants: at most {@value #MAX_CONNECTIONS} connections, each with a bounded request, a
 * bounded time to send it, and bounded answers in memory.
 */
public final class ApiServer implements AutoCloseable {
    static final int MAX_CONNECTIONS = 64;

    private static final int MAX_HEADER_BYTES = 8 << 10;
    private static final int MAX_LINE_BYTES = 2 << 10;
    private static final int START_SECONDS = 10;

    private final EventStream events;
    private final SocketFile file;
    private final HttpServer server;
    private final Optional<HttpServer> scraped;
    private final boolean readable;

    private ApiServer(
            EventStream events,
            SocketFile file,
            HttpServer server,
            Optional<HttpServer> scraped,
            boolean readable) {
        this.events = events;
        this.file = file;
        this.server = server;
        this.scraped = scraped;
        this.readable = readable;
    }

    /**
     * Listens.
     *
     * @throws FlipsideException {@code io-failed} when it cannot
     */
    public static ApiServer start(Vertx vertx, UpdaterConfig.Daemon config, Desk desk)
            throws FlipsideException {
        try {
            return start(vertx, config, desk, Peer.Owners.ofThisProcess());
        } catch (IOException e) {
            throw failed(config, null, e);
        }
    }

    /** With other owners than root and this user. */
    static ApiServer start(Vertx vertx, UpdaterConfig.Daemon config, Desk desk, Peer.Owners owners)
            throws FlipsideException {
        SocketFile file = null;
        try {
            file = SocketFile.in(config.socket());
            EventStream events = new EventStream(vertx, desk::droppedClient);
            Routes routes = new Routes(vertx, desk, events, owners);
            HttpServer server =
                    listening(
                            server(vertx, routes::socket),
                            SocketAddress.domainSocketAddress(file.bindPath().toString()));
            boolean readable = file.publish(config.readerGroup());
            Optional<HttpServer> scraped = Optional.empty();
            if (config.metricsListen().isPresent()) {
                InetSocketAddress address = config.metricsListen().get();
                scraped =
                        Optional.of(
                                listening(
                                        server(vertx, routes::metricsOnly),
                                        SocketAddress.inetSocketAddress(address)));
            }
            return new ApiServer(events, file, server, scraped, readable);
        } catch (IOException e) {
            throw failed(config, file, e);
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

    private static FlipsideException failed(
            UpdaterConfig.Daemon config, SocketFile file, IOException cause) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
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

    /** Where events go. */
    public EventStream events() {
        return events;
    }

    /** Whether the group that may read exists. */
    public boolean readable() {
        return readable;
    }

    /** The port for the scraper. */
    public Optional<Integer> metricsPort() {
        return scraped.map(HttpServer::actualPort);
    }

    /** Stops listening, at once; what is being answered is cut off with its connection. */
    @Override
    public void close() throws IOException {
        file.close();
        server.close();
        scraped.ifPresent(HttpServer::close);
    }
}
