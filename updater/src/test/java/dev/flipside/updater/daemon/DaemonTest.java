package dev.flipside.updater.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FolderLock;
import dev.flipside.updater.api.SocketClient;
import dev.flipside.updater.api.SocketClient.Answer;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.SmallHost;
import dev.flipside.updater.coordinator.TestRelease;
import dev.flipside.updater.coordinator.TestRepository;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon on a host in memory. */
@Timeout(60)
final class DaemonTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final PollTimes NEVER = (known, now) -> now.plusSeconds(1);
    private static final PollTimes HOURLY =
            (known, now) -> known.last().map(it -> it.plus(Duration.ofHours(1))).orElse(now);

    @TempDir Path folder;
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final InstantSource clock = now::get;
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final CompletableFuture<Throwable> bug = new CompletableFuture<>();
    private final TestRepository repository =
            new TestRepository(
                    TestRelease.of("1", 1, true),
                    TestRelease.of("2", 2, true),
                    TestRelease.of("3", 2, false));
    private UnaryOperator<UpdaterConfig> configured = config -> config;
    private SmallHost host;
    private Daemon daemon;

    @BeforeEach
    void install() throws Exception {
        host = SmallHost.installed(repository, 1);
        host.bootUntilHealthy(clock);
        repository.offer("1");
    }

    @AfterEach
    void stop() throws Exception {
        if (daemon != null) {
            daemon.stop();
        }
        assertFalse(bug.isDone(), () -> "%s%n%s".formatted(bug.join(), log()));
    }

    private void start(PollTimes times) throws FlipsideException {
        daemon =
                Daemon.start(
                        progress ->
                                HostRuntime.with(
                                        host.effects(),
                                        configured.apply(TestRepository.config(folder)),
                                        clock),
                        times,
                        Duration.ofMillis(50),
                        clock,
                        DaemonLog.to(new PrintStream(logged, true, StandardCharsets.UTF_8)),
                        bug::complete);
    }

    private Answer get(String name) throws IOException {
        return SocketClient.ask(socket(), "GET", name, "");
    }

    private Answer post(String name, String body) throws IOException {
        return SocketClient.ask(socket(), "POST", "/v1/" + name, body);
    }

    private Path socket() {
        return folder.resolve("flipside.sock");
    }

    private String state() throws Exception {
        return get("/v1/status").json().at("/state/name").asText();
    }

    private String log() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    private void waitForState(String state) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> state().equals(state));
    }

    private void bootTheUpdate(boolean blessed) throws Exception {
        repository.offer("2");
        start(HOURLY);
        waitForState("reboot-pending");
        daemon.stop();
        daemon = null;
        host.blesses(blessed);
        assertTrue(host.boot(clock).isPresent());
    }

    @Test
    void updatesTheHostOfItsOwnAccordAndCommitsAfterTheBoot() throws Exception {
        bootTheUpdate(true);
        start(NEVER);
        waitForState("committed");
        assertEquals("2", get("/v1/status").json().at("/booted/version").asText());
        String metrics = get("/metrics").body();
        assertTrue(metrics.contains("flipside_state{state=\"committed\"} 1\n"), metrics);
        assertTrue(metrics.contains("flipside_state{state=\"idle\"} 0\n"), metrics);
        assertTrue(metrics.contains("booted=\"true\",version=\"2\"} 1\n"), metrics);
        assertTrue(metrics.contains("{command=\"arm-next-boot\"} 1\n"), metrics);
    }

    @Test
    void keepsATrialAsItIsUntilItWasFoundGood() throws Exception {
        bootTheUpdate(false);
        String before = new String(host.state.files().get("state.json"), StandardCharsets.UTF_8);
        start(HOURLY);
        waitForState("trial");
        Answer refused = post("update", "");
        assertEquals(409, refused.status());
        assertEquals("update-held", refused.code());
        assertEquals(
                before, new String(host.state.files().get("state.json"), StandardCharsets.UTF_8));
    }

    @Test
    void looksAtATrialOnceAndAgainWhenItWasJudged() throws Exception {
        bootTheUpdate(false);
        start(NEVER);
        waitForState("trial");
        AtomicInteger looks = new AtomicInteger(-1);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> looks.getAndSet(host.looks.get()) == host.looks.get());
        host.bless();
        waitForState("committed");
    }

    @Test
    void asksTheRepositoryAgainWhenItIsTimeAndNotBefore() throws Exception {
        start(HOURLY);
        waitForPolls(1);
        now.set(NOON.plus(Duration.ofMinutes(59)));
        get("/v1/status");
        assertEquals(1, polls());
        now.set(NOON.plus(Duration.ofMinutes(61)));
        waitForPolls(2);
    }

    @Test
    void goesOnAskingWhateverItsClockDoes() throws Exception {
        start(HOURLY);
        waitForPolls(1);
        now.set(NOON.plus(Duration.ofDays(4000)));
        waitForPolls(2);
        now.set(NOON);
        // Before each of them the daemon looks at its clock.
        post("unhold", "");
        post("unhold", "");
        now.set(NOON.plus(Duration.ofHours(2)));
        waitForPolls(3);
    }

    private void waitForPolls(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> polls() == count);
    }

    private int polls() throws IOException {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("flipside_polls_total"))
                .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Test
    void countsAndLogsAFailureByItsCode() throws Exception {
        repository.reachable(false);
        start(HOURLY);
        waitForPolls(1);
        String metrics = get("/metrics").body();
        assertTrue(metrics.contains("flipside_polls_total{outcome=\"failed\"} 1\n"), metrics);
        assertTrue(
                metrics.contains("flipside_failures_total{code=\"source-unreachable\"} 1\n"),
                metrics);
        assertFalse(metrics.contains("flipside_last_good_poll_age_seconds"), metrics);
        assertTrue(log().contains("\"code\":\"source-unreachable\""), log());
        repository.reachable(true);
        assertEquals(200, post("check", "").status());
        now.set(NOON.plusSeconds(90));
        assertTrue(
                get("/metrics").body().contains("flipside_last_good_poll_age_seconds 90\n"),
                get("/metrics").body());
    }

    @Test
    void doesWhatItsOperatorWantsAndSaysWhy() throws Exception {
        repository.offer("2");
        start(NEVER);
        assertEquals(200, post("hold", "").status());
        Answer held = post("update", "");
        assertEquals(409, held.status());
        assertEquals("update-held", held.code());
        assertTrue(get("/v1/why").body().contains("flipctl unhold"), get("/v1/why").body());
        assertEquals(200, post("unhold", "").status());
        assertEquals(200, post("pin", "{\"version\":\"1\"}").status());
        assertEquals("1", get("/v1/status").json().path("pin").asText());
        assertEquals(200, post("unpin", "").status());
        Answer updated = post("update", "");
        assertEquals("reboot-pending", updated.json().at("/state/name").asText(), updated.body());
        Answer back = post("rollback", "");
        assertEquals("staged", back.json().at("/state/name").asText(), back.body());
        assertTrue(get("/v1/history").body().contains("withdraw") || state().equals("staged"));
        assertTrue(log().contains("\"event\":\"request\",\"code\":\"pin\""), log());
    }

    @Test
    void isTheOnlyUpdaterOfItsHost() throws Exception {
        start(NEVER);
        Daemon first = daemon;
        FlipsideException second = assertThrows(FlipsideException.class, () -> start(NEVER));
        assertEquals(FailureCode.UPDATER_BUSY, second.failure().code());
        assertEquals(200, get("/v1/status").status(), "the first one listens still");
        assertEquals(first, daemon);
        assertTrue(FolderLock.tryLock(folder).isEmpty());
    }

    @Test
    void leavesNeitherLockNorSocketBehind() throws Exception {
        start(NEVER);
        daemon.stop();
        daemon = null;
        assertTrue(Files.notExists(socket()));
        FolderLock.tryLock(folder).orElseThrow().close();
    }

    @Test
    void readsItsConfigurationAgainBetweenTwoTasks() throws Exception {
        start(NEVER);
        configured =
                config ->
                        new UpdaterConfig(
                                config.file(),
                                config.source(),
                                new UpdaterConfig.Policy(
                                        "beta",
                                        config.policy().reboot(),
                                        config.policy().algorithms(),
                                        config.policy().timing(),
                                        config.policy().withdrawal(),
                                        config.policy().poll(),
                                        config.policy().sentinel()),
                                config.host(),
                                config.daemon(),
                                config.health(),
                                config.limits());
        assertEquals("stable", get("/v1/status").json().path("channel").asText());
        assertEquals(200, post("reload", "").status());
        assertEquals("beta", get("/v1/status").json().path("channel").asText());
    }

    @Test
    void keepsItsConfigurationWhereTheNewOneNeedsARestartOrIsWrong() throws Exception {
        start(NEVER);
        configured = config -> TestRepository.config(folder.resolve("elsewhere"));
        Answer refused = post("reload", "");
        assertEquals(422, refused.status());
        assertEquals("config-invalid", refused.code());
        Failure slip = new Failure(FailureCode.CONFIG_INVALID, "line 3", "a key", "none", "mend");
        configured = config -> config.misread(slip);
        refused = post("reload", "");
        assertEquals(422, refused.status());
        assertTrue(refused.body().contains("line 3"), refused.body());
        JsonNode status = get("/v1/status").json();
        assertTrue(status.path("warnings").isEmpty(), status::toString);
    }

    @Test
    void rebuildsAMemoryThatCannotBeReadAndKeepsTheOldOneAside() throws Exception {
        repository.offer("2");
        start(NEVER);
        post("update", "");
        daemon.stop();
        daemon = null;
        host.bootUntilHealthy(clock);
        start(NEVER);
        waitForState("committed");
        post("hold", "");
        post("pin", "{\"version\":\"2\"}");
        int floor = get("/v1/status").json().path("floor").asInt();
        assertEquals(1, floor, "release 1 can still boot");
        daemon.stop();
        daemon = null;
        host.state.plant("state.json", "{\"format\":1,".getBytes(StandardCharsets.UTF_8));
        start(NEVER);
        var status = get("/v1/status").json();
        assertEquals("2", status.at("/booted/version").asText(), status.toString());
        assertEquals("2", status.path("pin").asText());
        assertTrue(status.path("hold").asBoolean());
        assertEquals(floor, status.path("floor").asInt());
        assertEquals(
                "{\"format\":1,",
                new String(
                        host.state.files().get("state.json.unreadable"), StandardCharsets.UTF_8));
        assertTrue(log().contains("state-malformed"), log());
    }

    @Test
    void remembersARejectedReleaseWithoutItsMemory() throws Exception {
        repository.offer("3");
        start(NEVER);
        post("update", "");
        daemon.stop();
        daemon = null;
        host.bootUntilHealthy(clock);
        host.state.plant("state.json", new byte[10]);
        start(NEVER);
        waitForState("idle");
        Answer refused = post("update", "");
        assertEquals("update-held", refused.code(), refused.body());
        assertTrue(get("/v1/why").body().contains("\"rejected\""), get("/v1/why").body());
    }

    @Test
    void staysUpWhileItsStateFolderIsFull() throws Exception {
        repository.offer("2");
        start(NEVER);
        host.state.limitTo(0);
        Answer refused = post("update", "");
        assertEquals(500, refused.status(), refused.body());
        assertEquals("no-room", refused.code());
        assertEquals(200, get("/v1/status").status());
        assertTrue(get("/metrics").body().contains("{code=\"no-room\"} "), get("/metrics").body());
        host.state.limitTo(64 << 20);
        assertEquals(200, post("update", "").status());
        assertEquals("reboot-pending", state());
    }

    @Test
    void staysUpWhileItsStateFolderIsReadOnly() throws Exception {
        start(NEVER);
        host.state.makeReadOnly(true);
        Answer refused = post("hold", "");
        assertEquals(500, refused.status(), refused.body());
        assertEquals("io-failed", refused.code());
        assertEquals("idle", state());
        host.state.makeReadOnly(false);
        assertEquals(200, post("hold", "").status());
    }

    @Test
    void givesSignsOfLifeWhileItsThreadDoes() throws Exception {
        start(NEVER);
        CompletableFuture<String> sign = new CompletableFuture<>();
        daemon.whileAlive(Duration.ofMillis(20), () -> sign.complete("alive"));
        assertEquals("alive", sign.get(10, java.util.concurrent.TimeUnit.SECONDS));
    }
}
