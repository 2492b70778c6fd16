package dev.flipside.updater.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.health.TrialRecord;
import dev.flipside.updater.health.TrialRecord.Outcome;
import dev.flipside.updater.health.TrialRecords;
import dev.flipside.updater.host.CrashTraces;
import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.RollbackReason.Cause;
import dev.flipside.updater.lifecycle.UpdateState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Release 2 does not come up in any of its tries; the old slot says why. */
final class EvidenceTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private final TestRepository repository =
            new TestRepository(TestRelease.of("1", 1, true), TestRelease.of("2", 2, true));
    private SmallHost host;

    @BeforeEach
    void useUpAllTries() throws IOException, FlipsideException {
        host = SmallHost.offeredRelease2(repository, CLOCK);
        Coordinator coordinator = host.coordinator(CLOCK);
        coordinator.stage(Optional.empty());
        coordinator.activate();
        long offset = host.layout().slotB().data().offsetBytes(SmallHost.SECTOR_BYTES);
        host.disk.rot(offset, 1);
        for (int i = 0; i < 3; i++) {
            assertTrue(host.boot(CLOCK).isEmpty());
        }
    }

    private RollbackReason reason() throws IOException, FlipsideException {
        assertEquals("1", host.bootUntilHealthy(CLOCK).release().version());
        UpdateState state = host.coordinator(CLOCK).status().memory().state();
        return assertInstanceOf(UpdateState.RolledBack.class, state).reason();
    }

    private static Optional<CrashTraces.Panic> panic(Instant at) {
        return Optional.of(new CrashTraces.Panic(at, List.of("Kernel panic\u0007 - not syncing")));
    }

    @Test
    void aPanicSinceTheFlip() throws Exception {
        host.crashes = new CrashTraces(panic(NOW.plusSeconds(60)), Optional.of("watchdog0"));
        assertEquals(
                new RollbackReason(Cause.KERNEL_PANIC, List.of("Kernel panic  - not syncing")),
                reason());
    }

    @Test
    void aPanicBeforeTheFlipWasAnothers() throws Exception {
        host.crashes = new CrashTraces(panic(NOW.minus(Duration.ofDays(1))), Optional.empty());
        assertEquals(Cause.NEVER_REACHED_USER_SPACE, reason().cause());
    }

    @Test
    void aWatchdogsReset() throws Exception {
        host.crashes = new CrashTraces(Optional.empty(), Optional.of("watchdog0 says so"));
        assertEquals(
                new RollbackReason(Cause.WATCHDOG_RESET, List.of("watchdog0 says so")), reason());
    }

    @Test
    void aCrashIsHeldAgainstNoReleaseWhoseEntryIsNotUsedUp() throws Exception {
        host.esp.remove("loader/entries/flipside-0000000003+0-3.conf");
        host.crashes = new CrashTraces(panic(NOW.plusSeconds(60)), Optional.of("watchdog0"));
        host.bootUntilHealthy(CLOCK);
        assertInstanceOf(
                UpdateState.Staged.class, host.coordinator(CLOCK).status().memory().state());
    }

    @Test
    void checksThatPassedAreHeldAgainstNoReleaseWhoseEntryIsGone() throws Exception {
        passed(3);
        host.esp.remove("loader/entries/flipside-0000000003+0-3.conf");
        host.bootUntilHealthy(CLOCK);
        assertInstanceOf(
                UpdateState.Staged.class, host.coordinator(CLOCK).status().memory().state());
    }

    @Test
    void checksThatPassedUnderAnotherEntrySayNothingOfThisOne() throws Exception {
        passed(2);
        assertEquals(Cause.NEVER_REACHED_USER_SPACE, reason().cause());
    }

    private void passed(long sequence) throws IOException {
        String rootHash = repository.release("2").rootHash();
        new TrialRecords(host.state)
                .write(new TrialRecord(sequence, "b", rootHash, Outcome.PASSED, NOW, List.of()));
    }

    @Test
    void aBootThatSystemdGaveUp() throws Exception {
        String rootHash = repository.release("2").rootHash();
        host.state.plant(
                "trials/0000000003-b.journal",
                ("rootHash " + rootHash + "\nunit flipside-health.service failed\n")
                        .getBytes(StandardCharsets.UTF_8));
        assertEquals(
                new RollbackReason(
                        Cause.TRIAL_NOT_BEGUN, List.of("unit flipside-health.service failed")),
                reason());
        assertEquals(List.of(), host.state.list("trials"));
    }
}
