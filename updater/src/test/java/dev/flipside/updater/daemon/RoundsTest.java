package dev.flipside.updater.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.coordinator.SmallHost;
import dev.flipside.updater.coordinator.TestRelease;
import dev.flipside.updater.coordinator.TestRepository;
import dev.flipside.updater.lifecycle.UpdateState;
import dev.flipside.updater.metrics.Counters;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Release 2 was found good, and its commit cannot be written to the ESP. */
final class RoundsTest {
    private static final PollTimes NEVER = (known, now) -> now.plusSeconds(1);

    @TempDir Path folder;
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-20T12:00:00Z"));
    private final InstantSource clock = now::get;
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final Counters counters = new Counters();
    private final Feed feed =
            new Feed(DaemonLog.to(new PrintStream(logged, true, StandardCharsets.UTF_8)), counters);
    private final TestRepository repository =
            new TestRepository(TestRelease.of("1", 1, true), TestRelease.of("2", 2, true));
    private SmallHost host;
    private Rounds rounds;
    private final Set<Instant> tries = new TreeSet<>();

    @BeforeEach
    void bootTheUpdate() throws IOException, FlipsideException {
        host = SmallHost.offeredRelease2(repository, clock);
        coordinator().stage(Optional.empty());
        coordinator().activate();
        assertEquals("2", host.boot(clock).orElseThrow().release().version());
        host.makeEspReadOnly(true);
        rounds =
                new Rounds(
                        this::tried,
                        () -> TestRepository.config(folder),
                        NEVER,
                        clock,
                        feed,
                        counters);
    }

    private Coordinator tried() {
        tries.add(now.get());
        return coordinator();
    }

    private Coordinator coordinator() {
        return new Coordinator(TestRepository.config(folder), host.effects(), clock, feed);
    }

    private void beatFor(Duration time) {
        Instant end = now.get().plus(time);
        while (now.get().isBefore(end)) {
            rounds.beat();
            now.updateAndGet(it -> it.plus(Daemon.BEAT));
        }
    }

    private List<String> history() throws FlipsideException {
        return coordinator().history().stream().map(RoundsTest::words).toList();
    }

    private static String words(ObjectNode entry) {
        return entry.path("event").asText() + " " + entry.path("code").asText();
    }

    private UpdateState state() throws FlipsideException {
        return coordinator().status().memory().state();
    }

    @Test
    void triesACommitThatFailsLessAndLessOften() {
        Instant start = now.get();
        beatFor(Duration.ofHours(2));
        List<Long> seconds =
                tries.stream().map(it -> Duration.between(start, it).toSeconds()).toList();
        assertEquals(List.of(0L, 5L, 15L, 35L, 75L, 155L, 315L, 615L), seconds.subList(0, 8));
        assertTrue(seconds.size() < 32, seconds::toString);
    }

    @Test
    void tellsACommitThatFailsOnceAndCountsEachTry() throws Exception {
        rounds.beat();
        List<String> once = history();
        assertEquals(
                List.of("state trial", "raise-floor ok", "arm-next-boot io-failed"),
                once.subList(once.size() - 3, once.size()));
        String log = logged.toString(StandardCharsets.UTF_8);
        beatFor(Duration.ofHours(2));
        assertEquals(once, history());
        assertEquals(log, logged.toString(StandardCharsets.UTF_8));
        assertTrue(counters.snapshot().failures().get("io-failed") > 20);
    }

    @Test
    void commitsSoonAfterTheEspIsMended() throws Exception {
        beatFor(Duration.ofHours(1));
        host.makeEspReadOnly(false);
        beatFor(Duration.ofMinutes(5).plus(Daemon.BEAT));
        assertInstanceOf(UpdateState.Committed.class, state());
        assertTrue(history().containsAll(List.of("arm-next-boot ok", "state committed")));
    }
}
