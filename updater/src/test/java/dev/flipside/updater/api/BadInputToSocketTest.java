package dev.flipside.updater.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.updater.api.SocketClient.Answer;
import dev.flipside.updater.config.UpdaterConfig;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no client of ours sends: each is refused early, and none is run. */
@Timeout(60)
final class BadInputToSocketTest {
    private static final Duration SOON = Duration.ofSeconds(8);

    @TempDir Path folder;
    private final FakeDesk desk = new FakeDesk();
    private Path socket;
    private ApiServer server;

    @BeforeEach
    void listen() throws Exception {
        socket = folder.resolve("flipside.sock");
        server =
                ApiServer.start(
                        new UpdaterConfig.Daemon(socket, "", Optional.empty()),
                        desk,
                        transport -> Vertx.builder().withTransport(transport).build(),
                        desk.bugs::add);
    }

    @AfterEach
    void stop() throws Exception {
        assertEquals(List.of(), desk.ran);
        assertEquals(200, SocketClient.ask(socket, "GET", "/v1/status", "").status());
        server.close();
        assertEquals(List.of(), desk.bugs);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "null",
                "{\"version\":1}",
                "{\"version\":\"1\",\"version\":\"2\"}",
                "{\"version\":\"../1\"}",
                "{\"version\":\"\"}",
                "{\"force\":true}",
                "{} {}",
                "{\"version\":null}",
                "\u0000",
                "{\"version\":\"1\"}}"
            })
    void refusesABodyThatIsNotAsDescribed(String body) throws Exception {
        Answer answer = SocketClient.ask(socket, "POST", "/v1/pin", body);
        assertEquals(400, answer.status(), answer.body());
        assertTrue(
                List.of("request-invalid", "name-invalid").contains(answer.code()), answer.body());
    }

    @Test
    void refusesAVersionWhereNoneIsTaken() throws Exception {
        assertEquals(
                400, SocketClient.ask(socket, "POST", "/v1/hold", "{\"version\":\"1\"}").status());
        assertEquals(400, SocketClient.ask(socket, "POST", "/v1/pin", "").status());
        assertEquals(400, SocketClient.ask(socket, "POST", "/v1/reload", "{\"a\":1}").status());
    }

    private static String head(String header) {
        return "POST /v1/update HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n".formatted(header);
    }

    @Test
    void refusesABodyOfAGibibyteBeforeItComes() {
        assertTimeoutPreemptively(
                SOON,
                () -> {
                    try (SocketClient client = SocketClient.connect(socket)) {
                        client.send(head("Content-Length: 1073741824"));
                        Answer answer = client.answer();
                        assertEquals(413, answer.status());
                        assertEquals("request-invalid", answer.code());
                        assertTrue(client.ends());
                    }
                });
    }

    @Test
    void refusesChunksAsSoonAsTheyAreTooMuch() {
        assertTimeoutPreemptively(
                SOON,
                () -> {
                    try (SocketClient client = SocketClient.connect(socket)) {
                        client.send(head("Transfer-Encoding: chunked"));
                        assertThrows(
                                IOException.class,
                                () -> {
                                    for (int i = 0; i < 1 << 16; i++) {
                                        client.send("4000\r\n" + " ".repeat(0x4000) + "\r\n");
                                    }
                                });
                    }
                });
    }

    @Test
    void refusesABodyThatIsNoJson() throws Exception {
        try (SocketClient client = SocketClient.connect(socket)) {
            client.send(
                    "POST /v1/hold HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                            + "Content-Length: 2\r\n\r\n{}");
            assertEquals(415, client.answer().status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "GET /v1/status HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "POST /v1/hold HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000"
            })
    void staysUpWhateverBytesCome(String bytes) throws Exception {
        try (SocketClient client = SocketClient.connect(socket)) {
            client.send(bytes);
        }
        assertEquals(200, SocketClient.ask(socket, "GET", "/v1/status", "").status());
    }

    @Test
    void refusesAHeadThatHasNoEnd() {
        assertTimeoutPreemptively(
                SOON,
                () -> {
                    try (SocketClient client = SocketClient.connect(socket)) {
                        client.send("GET /v1/status HTTP/1.1\r\nX: " + "x".repeat(20_000));
                        assertTrue(client.ends());
                    }
                });
    }
}
