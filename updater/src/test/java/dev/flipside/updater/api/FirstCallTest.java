package dev.flipside.updater.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.api.SocketClient.Answer;
import dev.flipside.updater.config.UpdaterConfig;
import io.vertx.core.Vertx;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How it goes from a socket that nobody has called to an event loop, and to its end. */
@Timeout(60)
final class FirstCallTest {
    private static final Duration SOON = Duration.ofSeconds(8);

    @TempDir Path folder;
    private final FakeDesk desk = new FakeDesk();
    private final AtomicInteger loops = new AtomicInteger();
    private Path socket;

    @BeforeEach
    void name() {
        socket = folder.resolve("run/flipside.sock");
    }

    private ApiServer start() throws FlipsideException, IOException {
        return ApiServer.start(
                new UpdaterConfig.Daemon(socket, "", Optional.empty()),
                desk,
                Peer.Owners.ofThisProcess(),
                this::loop,
                desk.bugs::add);
    }

    private Vertx loop(Transport transport) {
        loops.incrementAndGet();
        return Vertx.builder().withTransport(transport).build();
    }

    @AfterEach
    void hadNoBug() {
        assertEquals(List.of(), desk.bugs);
    }

    @Test
    void startsItsEventLoopWhenSomebodyCallsAndAnswersAllWhoHave() throws Exception {
        ApiServer server = start();
        assertTrue(server.alive());
        assertEquals(0, loops.get());
        try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(
                        callers.submit(() -> SocketClient.ask(socket, "GET", "/v1/status", "")));
            }
            for (Future<Answer> answer : answers) {
                assertEquals(200, answer.get(10, TimeUnit.SECONDS).status());
            }
        }
        assertEquals(1, loops.get());
        assertTrue(server.alive());
        Awaitility.await().atMost(SOON).until(server::alive);
        server.close();
        assertFalse(server.alive());
        server = start();
        server.close();
        assertTrue(Files.notExists(socket));
        assertEquals(1, loops.get());
    }

    /** Forty times, as it is a matter of moments. */
    @Test
    void canBeClosedAtAnyMomentOfItsFirstCall() throws Exception {
        try (ExecutorService callers = Executors.newSingleThreadExecutor()) {
            for (int i = 0; i < 40; i++) {
                ApiServer server = start();
                Future<Object> call =
                        callers.submit(
                                () -> SocketClient.ask(socket, "GET", "/v1/status", "").status());
                LockSupport.parkNanos(i * Duration.ofMillis(2).toNanos());
                server.close();
                assertTrue(Files.notExists(socket));
                assertFalse(server.alive());
                assertEquals(List.of(), desk.bugs);
                try {
                    assertEquals(200, call.get(10, TimeUnit.SECONDS));
                } catch (ExecutionException e) {
                    assertInstanceOf(IOException.class, e.getCause());
                }
            }
        }
    }
}
