package dev.flipside.updater.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.ExternalPrograms;
import dev.flipside.updater.health.Surroundings.Ended;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostSurroundingsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir Path folder;

    private HostSurroundings machine() {
        return new HostSurroundings(
                new FolderRoot(folder),
                ExternalPrograms.ofThisMachine(),
                () -> {
                    throw new IOException("no repository");
                },
                () -> {});
    }

    private static CheckTerms terms(Duration timeout) {
        return new CheckTerms("it", true, timeout);
    }

    @Test
    void runsAScriptAndKeepsTheEndOfItsOutput() throws IOException {
        Path script = folder.resolve("check");
        Files.writeString(
                script,
                "#!/bin/sh\nfor i in 1 2 3 4 5 6; do echo \"line $i\"; done\necho \"no \\033[1mdisk\" >&2\nexit 3\n");
        assertTrue(script.toFile().setExecutable(true));
        HealthResult result =
                new CommandCheck(terms(TIMEOUT), List.of(script.toString())).run(machine());
        assertEquals(
                "it: expected exit code 0, found 3: line 4 | line 5 | line 6 | no  [1mdisk",
                result.line());
        assertTrue(result.failed());
    }

    @Test
    void aScriptThatHangsOrCannotStartFails() throws IOException {
        Path script = folder.resolve("check");
        Files.writeString(script, "#!/bin/sh\nexec sleep 60\n");
        CommandCheck check = new CommandCheck(terms(SHORT), List.of(script.toString()));
        assertTrue(check.run(machine()).evidence().contains("to start"));
        assertTrue(script.toFile().setExecutable(true));
        HealthResult result = check.run(machine());
        assertTrue(result.failed());
        assertTrue(result.evidence().startsWith("expected an end within"), result.evidence());
    }

    @Test
    void boundsWhatAProgramSays() throws IOException {
        Ended ended = machine().run(List.of("head", "-c", "5000000", "/dev/zero"), TIMEOUT);
        assertTrue(ended.output().length() <= 64 << 10, () -> "" + ended.output().length());
        assertTrue(OneLine.of("x".repeat(5000)).length() <= OneLine.MAX_LENGTH);
    }

    @Test
    void asksAnHttpServer() throws Exception {
        try (Answering server = new Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            assertTrue(http(server.url(), TIMEOUT, "ok").run(machine()).passed());
            HealthResult other = http(server.url(), TIMEOUT, "fine").run(machine());
            assertTrue(other.evidence().startsWith("expected 'fine' of http"), other.evidence());
            assertTrue(
                    new TcpCheck(terms(TIMEOUT), "127.0.0.1", server.port())
                            .run(machine())
                            .passed());
        }
        try (Answering server =
                new Answering("HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\nnot ready")) {
            HealthResult result = http(server.url(), TIMEOUT, "ok").run(machine());
            assertTrue(result.evidence().endsWith("found 503: not ready"), result.evidence());
        }
    }

    @Test
    void followsNoServerElsewhere() throws Exception {
        try (Answering server =
                new Answering(
                        "HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")) {
            HealthResult result = http(server.url(), TIMEOUT, "ok").run(machine());
            assertTrue(result.evidence().contains("found 302"), result.evidence());
        }
    }

    @Test
    void aServerThatIsSilentOrGoneFailsInTime() throws Exception {
        URI url;
        try (Answering server = new Answering("")) {
            url = server.url();
            HealthResult result = http(url, SHORT, "ok").run(machine());
            assertTrue(result.failed(), result.evidence());
        }
        assertTrue(http(url, TIMEOUT, "ok").run(machine()).failed());
        assertTrue(
                new TcpCheck(terms(TIMEOUT), "127.0.0.1", url.getPort()).run(machine()).failed());
    }

    @Test
    void theRepositorysSilenceIsNoFailure() {
        HealthResult result = new RepositoryCheck(terms(TIMEOUT)).run(machine());
        assertFalse(result.failed());
        assertEquals("no repository", result.evidence());
        HostSurroundings hanging =
                new HostSurroundings(
                        new FolderRoot(folder),
                        ExternalPrograms.ofThisMachine(),
                        () -> Pace.ofThisMachine().pause(Duration.ofMinutes(5)),
                        () -> {});
        assertEquals(
                "nothing within 0 s", new RepositoryCheck(terms(SHORT)).run(hanging).evidence());
    }

    @Test
    void readsWhatSystemctlShows() {
        String output =
                """
                Id=a.service
                LoadState=loaded
                ActiveState=active
                SubState=running
                NRestarts=2

                Id=b.mount
                LoadState=not-found
                ActiveState=inactive
                SubState=dead
                """;
        assertEquals(
                List.of(
                        new UnitState("a.service", "loaded", "active", "running", 2),
                        new UnitState("b.mount", "not-found", "inactive", "dead", 0),
                        new UnitState("c.service", "unknown", "unknown", "unknown", 0)),
                UnitState.parse(List.of("a.service", "b.mount", "c.service"), output));
    }

    @Test
    void saysSoWhereThereIsNoSystemd() {
        HostSurroundings machine = machine();
        assertThrows(IOException.class, () -> machine.run(List.of("/none"), TIMEOUT));
        HealthResult result =
                new UnitsCheck(
                                terms(TIMEOUT),
                                List.of("none-such-at-all.service"),
                                false,
                                List.of())
                        .run(machine);
        assertTrue(result.failed(), result.evidence());
    }

    private static HttpCheck http(URI url, Duration timeout, String contains) {
        return new HttpCheck(terms(timeout), url, OptionalInt.empty(), Optional.of(contains));
    }

    /** Says the same to everyone who connects, or with an empty text nothing at all. */
    private static final class Answering implements AutoCloseable {
        private final ServerSocket server =
                new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        private final CountDownLatch closed = new CountDownLatch(1);

        Answering(String text) throws IOException {
            Thread.ofPlatform().daemon().start(() -> serve(text));
        }

        private void serve(String text) {
            while (!server.isClosed()) {
                try (Socket socket = server.accept();
                        InputStream in = socket.getInputStream()) {
                    if (text.isEmpty()) {
                        closed.await();
                    } else if (in.read() >= 0) {
                        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException | InterruptedException e) {
                    // The test is over, or a client went away.
                    assertTrue(server.isBound());
                }
            }
        }

        URI url() {
            return URI.create("http://127.0.0.1:%d/".formatted(port()));
        }

        int port() {
            return server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            closed.countDown();
            server.close();
        }
    }
}
