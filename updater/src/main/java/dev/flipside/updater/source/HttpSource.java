package dev.flipside.updater.source;

import dev.flipside.failure.FlipsideException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A repository behind any static HTTP server, for one thread that may block.
 *
 * <p>Every answer is bounded before it is read, a broken transfer goes on at the byte where it
 * broke, and each wait and each count of tries has its limit in {@link SourceLimits}. What a server
 * may answer, and what follows, is written in {@code docs/reference/source.md}.
 */
public final class HttpSource implements Source {
    private static final int CONNECTIONS = 2;
    private static final int WAITING_REQUESTS = 4;
    private static final int CHUNK_BYTES = 16 * 1024;

    /**
     * What the kernel may read ahead of us, and is fetched again where we have to end a connection.
     * Left alone, it grows to some MiB where a host is slower than its network.
     */
    private static final int RECEIVE_BYTES = 256 * 1024;

    private static final int IDLE_SECONDS = 30;
    private static final int PROXY_PORT = 80;

    private final Vertx vertx;
    private final HttpClient client;
    private final URI base;
    private final SourceLimits limits;
    private final Proxies proxies;
    private final RateLimit rate;
    private final Waiter waiter;
    private final byte[] piece = new byte[CHUNK_BYTES];
    private final CountDownLatch closed;
    private long fetchedBytes;

    private HttpSource(
            URI base, SourceSettings settings, Vertx vertx, Waiter waiter, CountDownLatch closed)
            throws FlipsideException {
        this.base = base;
        this.limits = settings.limits();
        this.proxies = settings.proxies();
        this.waiter = waiter;
        this.closed = closed;
        this.vertx = vertx;
        this.rate =
                new RateLimit(
                        settings.bytesPerSecond(),
                        System::nanoTime,
                        duration -> awaitOrClose(closed, duration));
        HttpClientOptions options =
                new HttpClientOptions()
                        .setConnectTimeout((int) limits.connectTimeout().toMillis())
                        .setSslHandshakeTimeout(limits.connectTimeout().toMillis())
                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setReceiveBufferSize(RECEIVE_BYTES)
                        .setKeepAliveTimeout(IDLE_SECONDS)
                        .setMaxChunkSize(CHUNK_BYTES);
        if ("https".equals(base.getScheme())) {
            settings.tls().addTo(options, vertx);
        }
        this.client =
                vertx.createHttpClient(
                        options,
                        new PoolOptions()
                                .setHttp1MaxSize(CONNECTIONS)
                                .setMaxWaitQueueSize(WAITING_REQUESTS));
    }

    /** Opens a repository at an {@code http} or {@code https} URL; nothing is sent yet. */
    public static HttpSource open(URI base, SourceSettings settings) throws FlipsideException {
        CountDownLatch closed = new CountDownLatch(1);
        Waiter waiter =
                new Jitter(new SplittableRandom(), duration -> awaitOrClose(closed, duration));
        return open(base, settings, waiter, closed);
    }

    /** As {@link #open(URI, SourceSettings)}, with the waits between tries given. */
    public static HttpSource open(URI base, SourceSettings settings, Waiter waiter)
            throws FlipsideException {
        return open(base, settings, waiter, new CountDownLatch(1));
    }

    private static HttpSource open(
            URI base, SourceSettings settings, Waiter waiter, CountDownLatch closed)
            throws FlipsideException {
        Vertx vertx = OneLoop.start();
        try {
            return new HttpSource(base, settings, vertx, waiter, closed);
        } catch (FlipsideException e) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
            throw e;
        }
    }

    private static void awaitOrClose(CountDownLatch closed, Duration duration)
            throws InterruptedException {
        if (closed.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new InterruptedException("the source was closed");
        }
    }

    @Override
    public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
        return switch (fetchIfChanged(path, maxBytes, Optional.empty())) {
            case Conditional.Changed changed -> Optional.of(changed.content());
            case Conditional.Missing missing -> Optional.empty();
            case Conditional.Unchanged unchanged ->
                    throw new IllegalStateException("not asked: " + unchanged);
        };
    }

    @Override
    public Conditional fetchIfChanged(String path, int maxBytes, Optional<String> validator)
            throws FlipsideException {
        URI uri = base.resolve(SourcePath.checked(path));
        Map<String, String> headers = Validators.headers(validator);
        return new Retries(uri.toString(), limits, waiter)
                .until(
                        progress -> {
                            try (HttpExchange exchange = get(uri, headers)) {
                                return answer(exchange, uri, maxBytes, !headers.isEmpty());
                            }
                        });
    }

    private Conditional answer(HttpExchange exchange, URI uri, int maxBytes, boolean conditional)
            throws FlipsideException, BrokenTransfer, InterruptedException {
        if (conditional && exchange.head().statusCode() == HttpAnswers.NOT_MODIFIED) {
            // Read to its end, so that the connection can serve the next request.
            exchange.piece();
            return new Conditional.Unchanged();
        }
        Optional<byte[]> content = whole(exchange, uri, maxBytes);
        return content.isPresent()
                ? new Conditional.Changed(content.get(), Validators.of(exchange.head()))
                : new Conditional.Missing();
    }

    private Optional<byte[]> whole(HttpExchange exchange, URI uri, int maxBytes)
            throws FlipsideException, BrokenTransfer, InterruptedException {
        HttpClientResponse head = exchange.head();
        if (HttpAnswers.isMissing(head)) {
            return Optional.empty();
        }
        HttpAnswers.requireStatus(head, uri, 200, "status 200");
        HttpAnswers.requireIdentity(head, uri);
        Optional<Long> lengthBytes = HttpAnswers.contentLength(head);
        if (lengthBytes.isPresent() && lengthBytes.get() > maxBytes) {
            throw SourceFailures.tooLarge(uri.toString(), maxBytes, lengthBytes.get() + " bytes");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Optional<Buffer> next = exchange.piece(); next.isPresent(); next = exchange.piece()) {
            fetchedBytes += next.get().length();
            if (bytes.size() + (long) next.get().length() > maxBytes) {
                throw SourceFailures.tooLarge(uri.toString(), maxBytes, "more");
            }
            bytes.writeBytes(next.get().getBytes());
            rate.took(next.get().length());
        }
        if (lengthBytes.isPresent() && lengthBytes.get() != bytes.size()) {
            throw new BrokenTransfer(bytes.size() + " of " + lengthBytes.get() + " bytes");
        }
        return Optional.of(bytes.toByteArray());
    }

    @Override
    public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
            throws FlipsideException {
        URI uri = base.resolve(SourcePath.checked(path));
        Transfer transfer =
                new Transfer(uri, offsetBytes, Math.addExact(offsetBytes, lengthBytes), sink);
        if (lengthBytes == 0) {
            return;
        }
        new Retries(uri.toString(), limits, waiter)
                .until(
                        progress -> {
                            long begin = transfer.position;
                            try {
                                receive(transfer);
                            } finally {
                                progress.add(transfer.position - begin);
                            }
                            return transfer;
                        });
    }

    /** What is still to come of a range; the sink has got all before the position. */
    private static final class Transfer {
        private final URI uri;
        private final long end;
        private final Sink sink;
        private long position;

        Transfer(URI uri, long position, long end, Sink sink) {
            this.uri = uri;
            this.position = position;
            this.end = end;
            this.sink = sink;
        }
    }

    private void receive(Transfer transfer)
            throws FlipsideException, BrokenTransfer, InterruptedException {
        String range = "bytes=" + transfer.position + "-" + (transfer.end - 1);
        try (HttpExchange exchange = get(transfer.uri, Map.of("Range", range))) {
            HttpClientResponse head = exchange.head();
            long expectedBytes =
                    HttpAnswers.rangeLength(head, transfer.uri, transfer.position, transfer.end);
            long stop = transfer.position + expectedBytes;
            while (transfer.position < stop) {
                Optional<Buffer> next = exchange.piece();
                if (next.isEmpty()) {
                    throw new BrokenTransfer(
                            "the answer ended %d bytes early".formatted(stop - transfer.position));
                }
                hand(next.get(), transfer, stop);
            }
            if (HttpAnswers.contentLength(head).orElse(-1L) == expectedBytes) {
                // Read the end too, so that the connection can serve the next request.
                exchange.piece();
            }
        }
        if (transfer.position < transfer.end) {
            throw new BrokenTransfer("the server sent a part of the range");
        }
    }

    private void hand(Buffer bytes, Transfer transfer, long stop)
            throws FlipsideException, InterruptedException {
        fetchedBytes += bytes.length();
        int used = (int) Math.min(bytes.length(), stop - transfer.position);
        for (int from = 0; from < used; from += piece.length) {
            int lengthBytes = Math.min(piece.length, used - from);
            bytes.getBytes(from, from + lengthBytes, piece);
            transfer.sink.accept(ByteBuffer.wrap(piece, 0, lengthBytes));
            transfer.position += lengthBytes;
        }
        rate.took(bytes.length());
    }

    /** Sends a request, and follows a bounded number of redirects that keep the protection. */
    private HttpExchange get(URI uri, Map<String, String> headers)
            throws FlipsideException, BrokenTransfer, InterruptedException {
        URI current = uri;
        int left = limits.redirects();
        HttpExchange exchange = send(current, headers);
        while (HttpAnswers.isRedirect(exchange.head())) {
            try (HttpExchange redirecting = exchange) {
                String location = redirecting.head().getHeader("Location");
                current = HttpAnswers.redirect(location, current, left);
            }
            left--;
            exchange = send(current, headers);
        }
        return exchange;
    }

    private HttpExchange send(URI uri, Map<String, String> headers)
            throws BrokenTransfer, InterruptedException {
        return HttpExchange.start(vertx, client, options(uri, headers), limits.stallTimeout());
    }

    private RequestOptions options(URI uri, Map<String, String> headers) {
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setAbsoluteURI(uri.toString())
                        .setFollowRedirects(false)
                        .putHeader("User-Agent", "flipside");
        headers.forEach(options::putHeader);
        proxies.of(uri).ifPresent(proxy -> options.setProxyOptions(options(proxy)));
        return options;
    }

    private ProxyOptions options(URI proxy) {
        ProxyOptions options =
                new ProxyOptions()
                        .setType(ProxyType.HTTP)
                        .setHost(proxy.getHost())
                        .setPort(proxy.getPort() < 0 ? PROXY_PORT : proxy.getPort())
                        .setConnectTimeout(limits.connectTimeout());
        String user = proxy.getUserInfo();
        if (user != null) {
            int colon = user.indexOf(':');
            options.setUsername(colon < 0 ? user : user.substring(0, colon));
            options.setPassword(colon < 0 ? "" : user.substring(colon + 1));
        }
        return options;
    }

    @Override
    public long fetchedBytes() {
        return fetchedBytes;
    }

    @Override
    public void close() {
        closed.countDown();
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
