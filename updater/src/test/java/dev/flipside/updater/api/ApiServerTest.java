package dev.flipside.updater.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.api.SocketClient.Answer;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.operation.Operation;
import dev.flipside.updater.operation.Query;
import dev.flipside.updater.operation.Report;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ApiServerTest {
    private static final Duration SOON = Duration.ofSeconds(8);

    @TempDir Path folder;
    private final FakeDesk desk = new FakeDesk();
    private Path socket;
    private ApiServer server;

    @BeforeEach
    void listen() throws Exception {
        socket = folder.resolve("run/flipside.sock");
        server = start(Peer.Owners.ofThisProcess());
    }

    private ApiServer start(Peer.Owners owners) throws FlipsideException {
        return start(
                new UpdaterConfig.Daemon(
                        socket,
                        "",
                        Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))),
                owners);
    }

    private ApiServer start(UpdaterConfig.Daemon config, Peer.Owners owners)
            throws FlipsideException {
        return ApiServer.start(config, desk, owners, ApiServerTest::loop, desk.bugs::add);
    }

    private static Vertx loop(Transport transport) {
        return Vertx.builder().withTransport(transport).build();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        assertEquals(List.of(), desk.bugs);
    }

    @Test
    void answersEveryQuestionAndEveryOperation() throws Exception {
        for (Query query : Query.values()) {
            Answer answer = SocketClient.ask(socket, "GET", "/v1/" + query.code(), "");
            assertEquals(200, answer.status());
            assertEquals("did " + query.code(), answer.json().path("lines").path(0).asText());
        }
        for (String name : Operation.names()) {
            String body = List.of("pin", "allow").contains(name) ? "{\"version\":\"7\"}" : "";
            Answer answer = SocketClient.ask(socket, "POST", "/v1/" + name, body);
            assertEquals(200, answer.status(), answer.body());
            assertEquals(name, answer.json().path("did").asText());
        }
        assertEquals(200, SocketClient.ask(socket, "POST", "/v1/reload", "{}").status());
        assertEquals(Operation.names().size() + 1, desk.ran.size());
        assertEquals("# metrics\n", SocketClient.ask(socket, "GET", "/metrics", "").body());
    }

    @Test
    void runsTheVeryRequestsThatWereAuthorisedInTheirOrder() throws Exception {
        try (SocketClient client = SocketClient.connect(socket)) {
            // Both are there before the first one is answered.
            client.send(
                    SocketClient.request("POST", "/v1/pin", "{\"version\":\"1\"}")
                            + SocketClient.request("POST", "/v1/pin", "{\"version\":\"2\"}"));
            client.answer();
            client.answer();
        }
        assertEquals(
                List.of(
                        new Request.Change(new Operation.Pin("1")),
                        new Request.Change(new Operation.Pin("2"))),
                desk.ran);
        assertTrue(desk.by.getFirst().startsWith("user '"), desk.by.toString());
    }

    @Test
    void letsOtherUsersAskAndChangeNothing() throws Exception {
        server.close();
        // The user of this test is neither of these.
        var nobody =
                folder.getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName("3141592");
        server = start(new Peer.Owners(nobody, nobody));
        assertEquals(200, SocketClient.ask(socket, "GET", "/v1/status", "").status());
        for (String name : Operation.names()) {
            String body = List.of("pin", "allow").contains(name) ? "{\"version\":\"7\"}" : "";
            Answer answer = SocketClient.ask(socket, "POST", "/v1/" + name, body);
            assertEquals(403, answer.status(), name);
            assertEquals("access-denied", answer.code());
        }
        assertEquals(403, SocketClient.ask(socket, "POST", "/v1/reload", "").status());
        assertEquals(List.of(), desk.ran);
    }

    @Test
    void refusesAPeerWhomTheKernelDoesNotKnow() throws Exception {
        Vertx vertx = Vertx.vertx();
        Routes routes =
                new Routes(
                        vertx, desk, new EventStream(vertx, () -> {}), Peer.Owners.ofThisProcess());
        int port =
                ApiServer.listening(
                                ApiServer.server(vertx, routes::socket),
                                SocketAddress.inetSocketAddress(0, "127.0.0.1"))
                        .actualPort();
        try (Socket tcp = new Socket(InetAddress.getLoopbackAddress(), port)) {
            tcp.getOutputStream()
                    .write(
                            SocketClient.request("POST", "/v1/reboot", "")
                                    .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(tcp.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
            assertEquals("HTTP/1.1 403", answer);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
        assertEquals(List.of(), desk.ran);
    }

    @Test
    void servesNothingButMetricsToAScraper() throws Exception {
        assertEquals("HTTP/1.1 200", overTcp("GET", "/metrics"));
        assertEquals("HTTP/1.1 404", overTcp("GET", "/v1/status"));
        assertEquals("HTTP/1.1 404", overTcp("POST", "/v1/reboot"));
        assertEquals("HTTP/1.1 405", overTcp("POST", "/metrics"));
        assertEquals(List.of(), desk.ran);
    }

    private String overTcp(String method, String path) throws IOException {
        try (Socket tcp =
                new Socket(InetAddress.getLoopbackAddress(), server.metricsPort().orElseThrow())) {
            tcp.getOutputStream()
                    .write(
                            SocketClient.request(method, path, "")
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(tcp.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
        }
    }

    @Test
    void namesTheMethodThatAPathHas() throws Exception {
        Answer answer = SocketClient.ask(socket, "GET", "/v1/update", "");
        assertEquals(405, answer.status());
        assertTrue(answer.headers().contains("Allow: POST"), answer.headers().toString());
        assertEquals(405, SocketClient.ask(socket, "DELETE", "/v1/status", "").status());
        assertEquals(405, SocketClient.ask(socket, "POST", "/v1/events", "").status());
        assertEquals(404, SocketClient.ask(socket, "GET", "/v1/", "").status());
        assertEquals(404, SocketClient.ask(socket, "GET", "/v1/../v1/status", "").status());
        assertEquals(404, SocketClient.ask(socket, "POST", "/v1/UPDATE", "").status());
        assertEquals(List.of(), desk.ran);
    }

    @Test
    void takesOnlySoManyConnections() throws Exception {
        List<SocketClient> clients = new ArrayList<>();
        for (int i = 0; i < ApiServer.MAX_CONNECTIONS; i++) {
            clients.add(SocketClient.connect(socket));
            clients.getLast().send(SocketClient.request("GET", "/v1/status", ""));
            clients.getLast().answer();
        }
        try (SocketClient oneTooMany = SocketClient.connect(socket)) {
            assertTimeoutPreemptively(SOON, () -> assertTrue(oneTooMany.ends()));
        }
        for (SocketClient client : clients) {
            client.close();
        }
        // The server learns of each end by and by.
        Awaitility.await()
                .atMost(SOON)
                .ignoreExceptions()
                .until(() -> SocketClient.ask(socket, "GET", "/v1/status", "").status() == 200);
    }

    @Test
    void givesEveryFailureItsStatus() throws Exception {
        for (FailureCode code : FailureCode.values()) {
            CompletableFuture<Report> failing = new CompletableFuture<>();
            failing.completeExceptionally(new FlipsideException(code, "w", "e", "f", "a"));
            desk.next = failing;
            Answer answer = SocketClient.ask(socket, "POST", "/v1/check", "");
            assertEquals(code.code(), answer.code());
            assertTrue(answer.status() >= 400, code.code());
        }
    }

    @Test
    void saysThatItStops() throws Exception {
        CompletableFuture<Report> waiting = new CompletableFuture<>();
        desk.next = waiting;
        try (SocketClient client = SocketClient.connect(socket)) {
            client.send(SocketClient.request("POST", "/v1/update", ""));
            waiting.completeExceptionally(new CancellationException());
            Answer answer = client.answer();
            assertEquals(503, answer.status());
            assertEquals("updater-busy", answer.code());
            assertTrue(answer.headers().contains("Retry-After: 10"), answer.headers().toString());
        }
    }

    @Test
    void doesWhatWasAskedForAfterItsClientHasGone() throws Exception {
        CompletableFuture<Report> waiting = new CompletableFuture<>();
        desk.next = waiting;
        try (SocketClient client = SocketClient.connect(socket)) {
            client.send(SocketClient.request("POST", "/v1/update", ""));
            while (desk.ran.isEmpty()) {
                Thread.onSpinWait();
            }
        }
        desk.next = null;
        assertEquals(200, SocketClient.ask(socket, "GET", "/v1/status", "").status());
        waiting.complete(new Report(StrictJson.object(), List.of()));
        assertEquals(200, SocketClient.ask(socket, "GET", "/v1/status", "").status());
    }

    @Test
    void streamsWhatHappensALineEach() throws Exception {
        try (SocketClient client = SocketClient.connect(socket)) {
            client.send(SocketClient.request("GET", "/v1/events", ""));
            client.skipHead();
            assertEquals("{\"event\":\"hello\"}", chunk(client));
            server.publish(StrictJson.object().put("event", "state"));
            assertEquals("{\"event\":\"state\"}", chunk(client));
        }
    }

    private static String chunk(SocketClient client) throws IOException {
        client.line();
        String line = client.line();
        client.line();
        return line;
    }

    @Test
    void dropsAClientThatNeverReadsAndServesTheOthers() throws Exception {
        try (SocketClient deaf = SocketClient.connect(socket);
                SocketClient other = SocketClient.connect(socket)) {
            deaf.send(SocketClient.request("GET", "/v1/events", ""));
            deaf.line();
            String text = "x".repeat(4096);
            for (int i = 0; desk.dropped.get() == 0; i++) {
                assertTrue(i < 100_000, "never dropped");
                server.publish(StrictJson.object().put("event", text));
                if (i % 100 == 0) {
                    other.send(SocketClient.request("GET", "/v1/status", ""));
                    assertEquals(200, other.answer().status());
                }
            }
            assertEquals(1, desk.dropped.get());
            assertTrue(deaf.ends());
        }
    }

    @Test
    void streamsToOnlySoManyClients() throws Exception {
        List<SocketClient> clients = new ArrayList<>();
        for (int i = 0; i <= EventStream.MAX_CLIENTS; i++) {
            SocketClient client = SocketClient.connect(socket);
            clients.add(client);
            client.send(SocketClient.request("GET", "/v1/events", ""));
            String status = client.line();
            assertEquals(
                    i < EventStream.MAX_CLIENTS
                            ? "HTTP/1.1 200 OK"
                            : "HTTP/1.1 503 Service Unavailable",
                    status);
        }
        for (SocketClient client : clients) {
            client.close();
        }
    }

    @Test
    void theSocketIsItsOwnersAloneWhereThereIsNoGroup() throws Exception {
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertFalse(server.readable());
        try (var files = Files.list(socket.getParent())) {
            assertEquals(List.of(socket), files.toList());
        }
    }

    @Test
    void theSocketIsAlsoItsReadersWhereThereIsAGroup() throws Exception {
        server.close();
        String group =
                Files.readAttributes(folder, java.nio.file.attribute.PosixFileAttributes.class)
                        .group()
                        .getName();
        server =
                start(
                        new UpdaterConfig.Daemon(socket, group, Optional.empty()),
                        Peer.Owners.ofThisProcess());
        assertEquals(
                "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertTrue(server.readable());
    }

    @Test
    void takesThePlaceOfASocketThatACrashHasLeft() throws Exception {
        server.close();
        Files.createDirectories(socket.getParent());
        Files.writeString(socket, "left behind");
        server = start(Peer.Owners.ofThisProcess());
        assertEquals(200, SocketClient.ask(socket, "GET", "/v1/status", "").status());
        server.close();
        assertTrue(Files.notExists(socket));
    }

    @Test
    void saysWhereItCannotListen() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        FlipsideException refused =
                assertThrows(
                        FlipsideException.class,
                        () ->
                                start(
                                        new UpdaterConfig.Daemon(
                                                file.resolve("sock"), "", Optional.empty()),
                                        Peer.Owners.ofThisProcess()));
        assertEquals(FailureCode.IO_FAILED, refused.failure().code());
    }
}
