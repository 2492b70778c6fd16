package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.updater.operation.Operation;
import dev.flipside.updater.operation.Query;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.validation.RequestValidator;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import io.vertx.openapi.validation.ValidatedRequest;
import io.vertx.openapi.validation.impl.RequestParameterImpl;
import io.vertx.openapi.validation.impl.ValidatableRequestImpl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The description of the socket is valid, and the daemon does what it describes. */
class OpenApiTest {
    private static final Path FILE = Path.of("../docs/reference/openapi.yaml");

    @TempDir static Path folder;
    private static Vertx vertx;
    private static OpenAPIContract contract;
    private static HttpClient client;
    private static DaemonProcess daemon;

    @BeforeAll
    static void startADaemon() throws Exception {
        vertx = Vertx.vertx();
        contract = get(OpenAPIContract.from(vertx, readable().toString()));
        client = vertx.createHttpClient();
        Workbench bench = Workbench.open(folder).withTwoReleases();
        Workbench.Host host = bench.hostOfTheFirst();
        daemon = DaemonProcess.start(host);
        bench.publish("2");
    }

    /** The library knows few media types; to OpenAPI they are any text. */
    private static Path readable() throws Exception {
        return Files.writeString(
                folder.resolve("openapi.yaml"),
                Files.readString(FILE).replace("application/x-ndjson", "application/octet-stream"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (daemon != null) {
            assertEquals(0, daemon.stop());
        }
        get(vertx.close());
    }

    /** In an order in which each of them has something to do. */
    static Stream<String> operations() {
        return Stream.of(
                "status",
                "check",
                "hold",
                "unhold",
                "pin",
                "unpin",
                "allow",
                "stage",
                "activate",
                "rollback",
                "update",
                "reboot",
                "settle",
                "why",
                "history",
                "reload",
                "metrics");
    }

    @Test
    void theDescriptionNamesWhatTheDaemonHasAndNothingElse() {
        Set<String> described =
                contract.operations().stream()
                        .map(it -> it.getOperationId())
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> existing = new TreeSet<>(Operation.names());
        Stream.of(Query.values()).map(Query::code).forEach(existing::add);
        existing.addAll(Set.of("events", "metrics", "reload"));
        assertEquals(existing, described);
        Set<String> called = operations().collect(Collectors.toCollection(TreeSet::new));
        called.add("events");
        assertEquals(described, called, "every operation is called");
    }

    @ParameterizedTest
    @MethodSource("operations")
    void theDescriptionTakesWhatTheDaemonTakesAndNoMore(String id) throws Exception {
        get(asked(id, body(id)));
        if (contract.operation(id).getRequestBody() != null) {
            String wrong = "{\"version\":\"1\",\"force\":true}";
            assertThrows(ExecutionException.class, () -> get(asked(id, wrong)), id);
        }
    }

    private static Future<ValidatedRequest> asked(String id, String body) {
        return RequestValidator.create(vertx, contract)
                .validate(
                        new ValidatableRequestImpl(
                                Map.of(),
                                Map.of(),
                                Map.of(),
                                Map.of(),
                                new RequestParameterImpl(
                                        body.isEmpty() ? null : Buffer.buffer(body)),
                                body.isEmpty() ? null : "application/json"),
                        id);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyOperationAnswersAsDescribed(String id) throws Exception {
        Answer answer = call(id, body(id));
        assertEquals(200, answer.status(), answer.toString());
        validate(id, answer);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyOperationRefusesAsDescribed(String id) throws Exception {
        boolean asks = contract.operation(id).getHttpMethod().equals(HttpMethod.GET);
        Answer answer =
                asks
                        ? send(HttpMethod.DELETE, path(id), "")
                        : call(id, "{\"version\":\"1\",\"force\":true}");
        assertEquals(asks ? 405 : 400, answer.status(), answer.toString());
        validate(id, answer);
    }

    @Test
    void theEventStreamIsAsDescribed() throws Exception {
        CompletableFuture<HttpClientResponse> head = new CompletableFuture<>();
        CompletableFuture<String> first = new CompletableFuture<>();
        open(HttpMethod.GET, path("events"))
                .onSuccess(
                        request ->
                                request.send()
                                        .onSuccess(
                                                response -> {
                                                    response.handler(
                                                            line ->
                                                                    first.complete(
                                                                            line.toString()));
                                                    head.complete(response);
                                                }));
        HttpClientResponse response = head.get(20, TimeUnit.SECONDS);
        assertEquals(200, response.statusCode());
        assertEquals("application/x-ndjson", response.getHeader("Content-Type"));
        assertEquals("{\"event\":\"hello\"}\n", first.get(20, TimeUnit.SECONDS));
        response.request().connection().close();
    }

    private static String body(String id) {
        return switch (id) {
            case "pin" -> "{\"version\":\"2\"}";
            case "allow" -> "{\"version\":\"7\"}";
            case "check", "stage" -> "{\"version\":\"2\"}";
            default -> "";
        };
    }

    /** What came back. */
    private record Answer(int status, String type, Buffer body) {}

    private static Answer call(String id, String body) throws Exception {
        return send(contract.operation(id).getHttpMethod(), path(id), body);
    }

    private static String path(String id) {
        return contract.operation(id).getOpenAPIPath();
    }

    private static Future<io.vertx.core.http.HttpClientRequest> open(
            HttpMethod method, String path) {
        return client.request(
                new RequestOptions()
                        .setServer(SocketAddress.domainSocketAddress(daemon.socket().toString()))
                        .setHost("flipsided")
                        .setMethod(method)
                        .setURI(path));
    }

    private static Answer send(HttpMethod method, String path, String body) throws Exception {
        return get(
                open(method, path)
                        .compose(
                                request -> {
                                    if (!body.isEmpty()) {
                                        request.putHeader("Content-Type", "application/json");
                                    }
                                    // The body is asked for at once, lest it comes before.
                                    return request.send(Buffer.buffer(body))
                                            .compose(OpenApiTest::whole);
                                }));
    }

    private static Future<Answer> whole(HttpClientResponse response) {
        return response.body()
                .map(
                        bytes ->
                                new Answer(
                                        response.statusCode(),
                                        response.getHeader("Content-Type"),
                                        bytes));
    }

    private static void validate(String id, Answer answer) throws Exception {
        if (answer.type().startsWith("text/plain")) {
            assertTrue(id.equals("metrics") && answer.status() == 200, answer.toString());
            return;
        }
        get(
                ResponseValidator.create(vertx, contract)
                        .validate(
                                ValidatableResponse.create(
                                        answer.status(), answer.body(), answer.type()),
                                id));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
    }
}
