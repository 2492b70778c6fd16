package dev.flipside.updater.coordinator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.updater.lifecycle.BootStanding;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.Rule;
import dev.flipside.updater.lifecycle.RuleResult;
import dev.flipside.updater.lifecycle.UpdateState;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CoordinatorTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));

    private final TestRepository repository =
            new TestRepository(
                    TestRelease.of("1", 1, true),
                    TestRelease.of("2", 2, true),
                    TestRelease.of("3", 2, false),
                    TestRelease.of("4", 3, true));
    private SmallHost host;

    @BeforeEach
    void install() throws IOException, FlipsideException {
        host = SmallHost.offeredRelease2(repository, CLOCK);
    }

    @Test
    void armsTheNextBootOfAFreshHost() throws FlipsideException {
        assertEquals(List.of("flipside-0000000002+3-0.conf"), host.entryNames());
        Status status = coordinator().status();
        assertEquals(BootStanding.COMMITTED, status.facts().standing());
        assertEquals("1", status.memory().running().orElseThrow().release().version());
    }

    @Test
    void updatesAndCommits() throws IOException, FlipsideException {
        assertInstanceOf(Decision.Proceed.class, coordinator().stage(Optional.empty()));
        assertInstanceOf(UpdateState.Staged.class, state());
        assertInstanceOf(Decision.Proceed.class, coordinator().activate());
        assertInstanceOf(UpdateState.RebootPending.class, state());
        SmallHost.Boot boot = host.bootUntilHealthy(CLOCK);
        assertEquals("2", boot.release().version());
        assertEquals(SlotName.B, boot.slot());
        assertInstanceOf(UpdateState.Committed.class, state());
        assertEquals(
                List.of("flipside-0000000002+3-0.conf", "flipside-0000000004+3-0.conf"),
                host.entryNames());
    }

    @Test
    void doesNothingTwice() throws IOException, FlipsideException {
        update();
        host.bootUntilHealthy(CLOCK);
        Map<String, byte[]> before = host.esp.files();
        coordinator().afterBoot();
        coordinator().afterBoot();
        assertEquals(before.keySet(), host.esp.files().keySet());
        assertInstanceOf(Decision.Nothing.class, coordinator().stage(Optional.empty()));
    }

    @Test
    void everyLaterBootIsCountedAndLeavesOneEntryForEachSlot()
            throws IOException, FlipsideException {
        update();
        host.bootUntilHealthy(CLOCK);
        for (int boot = 0; boot < 10; boot++) {
            assertEquals("2", host.bootUntilHealthy(CLOCK).release().version());
            assertTrue(host.booted.counted());
            assertEquals(
                    List.of(
                            "flipside-0000000002+3-0.conf",
                            "flipside-%010d+3-0.conf".formatted(5 + boot)),
                    host.entryNames());
        }
    }

    @Test
    void undoesAReleaseThatIsNotHealthyAndDoesNotTryItAgain()
            throws IOException, FlipsideException {
        repository.offer("3");
        update();
        SmallHost.Boot boot = host.bootUntilHealthy(CLOCK);
        assertEquals("1", boot.release().version());
        UpdateState.RolledBack rolledBack = assertInstanceOf(UpdateState.RolledBack.class, state());
        assertEquals("3", rolledBack.release().version());
        assertEquals(RollbackReason.Cause.HEALTH_CHECK_FAILED, rolledBack.reason().cause());
        assertEquals(
                List.of("ready: expected the file /ready, found none"),
                rolledBack.reason().evidence());
        assertHeld(coordinator().stage(Optional.empty()), Rule.REJECTED);
        assertInstanceOf(UpdateState.Held.class, state());
        assertTrue(coordinator().allow("3"));
        assertFalse(coordinator().allow("3"));
        assertInstanceOf(Decision.Proceed.class, coordinator().stage(Optional.empty()));
    }

    @Test
    void saysWhenAReleaseNeverReachedUserSpace() throws IOException, FlipsideException {
        update();
        TestRelease two = repository.release("2");
        long offset = host.layout().slotB().data().offsetBytes(SmallHost.SECTOR_BYTES);
        host.disk.rot(offset, 1);
        for (int i = 0; i < 3; i++) {
            assertTrue(host.boot(CLOCK).isEmpty(), two.version());
        }
        assertEquals("1", host.bootUntilHealthy(CLOCK).release().version());
        UpdateState.RolledBack rolledBack = assertInstanceOf(UpdateState.RolledBack.class, state());
        assertEquals(RollbackReason.Cause.NEVER_REACHED_USER_SPACE, rolledBack.reason().cause());
    }

    @Test
    void saysWhenAReleasePassedItsChecksAndNobodyMarkedItGood()
            throws IOException, FlipsideException {
        update();
        host.blesses(false);
        for (int i = 0; i < 3; i++) {
            assertEquals("2", host.boot(CLOCK).orElseThrow().release().version());
        }
        host.blesses(true);
        assertEquals("1", host.bootUntilHealthy(CLOCK).release().version());
        UpdateState.RolledBack rolledBack = assertInstanceOf(UpdateState.RolledBack.class, state());
        assertEquals(RollbackReason.Cause.TRIAL_NOT_FINISHED, rolledBack.reason().cause());
        assertEquals(3, rolledBack.reason().evidence().size());
        assertEquals(
                "its checks passed at %s, and nobody marked its entry good (systemd-bless-boot)"
                        .formatted(CLOCK.instant()),
                rolledBack.reason().evidence().getFirst());
    }

    @Test
    void aTrialWritesNothingButItself() throws IOException, FlipsideException {
        update();
        byte[] before = host.state.files().get("state.json");
        SmallHost.Boot boot = host.boot(CLOCK).orElseThrow();
        assertEquals("2", boot.release().version());
        assertEquals(
                List.of("history.jsonl", "state.json", "trials/0000000003-boot-2.json"),
                List.copyOf(host.state.files().keySet()));
        assertArrayEquals(before, host.state.files().get("state.json"));
    }

    @Test
    void showsTheTrialWhileItLastsAndRefusesToUpdate() throws IOException, FlipsideException {
        update();
        host.blesses(false);
        host.boot(CLOCK);
        byte[] before = host.state.files().get("state.json");
        assertInstanceOf(UpdateState.Trial.class, state());
        assertCode(
                FailureCode.UPDATE_HELD,
                assertThrows(FlipsideException.class, () -> coordinator().stage(Optional.empty())));
        assertInstanceOf(UpdateState.Trial.class, coordinator().afterBoot().memory().state());
        assertArrayEquals(before, host.state.files().get("state.json"));
    }

    @Test
    void givesACommittedReleaseOneMoreTry() throws IOException, FlipsideException {
        update();
        host.bootUntilHealthy(CLOCK);
        breaksLater();
        assertEquals("1", host.bootUntilHealthy(CLOCK).release().version());
        assertInstanceOf(UpdateState.RolledBack.class, state());
        assertFalse(coordinator().status().memory().setbacks().getFirst().rejects());
        update();
        host.bootUntilHealthy(CLOCK);
        breaksLater();
        host.bootUntilHealthy(CLOCK);
        assertHeld(coordinator().check(Optional.empty()), Rule.REJECTED);
    }

    private void breaksLater() throws IOException, FlipsideException {
        Status status = coordinator().status();
        assertEquals("2", status.memory().running().orElseThrow().release().version());
        long offset =
                status.observation()
                        .layout()
                        .bootedSlot()
                        .data()
                        .offsetBytes(SmallHost.SECTOR_BYTES);
        host.disk.rot(offset, 1);
        for (int i = 0; i < 3; i++) {
            assertTrue(host.boot(CLOCK).isEmpty());
        }
    }

    @Test
    void rollsBackAndForthAtTheOperatorsWish() throws IOException, FlipsideException {
        update();
        host.bootUntilHealthy(CLOCK);
        assertInstanceOf(Decision.Proceed.class, coordinator().rollback());
        SmallHost.Boot boot = host.bootUntilHealthy(CLOCK);
        assertEquals("1", boot.release().version());
        assertEquals(SlotName.A, boot.slot());
        assertHeld(coordinator().stage(Optional.empty()), Rule.REJECTED);
        assertInstanceOf(Decision.Proceed.class, coordinator().rollback());
        assertEquals("2", host.bootUntilHealthy(CLOCK).release().version());
        assertInstanceOf(Decision.Nothing.class, coordinator().check(Optional.empty()));
    }

    @Test
    void takesAnActivationBack() throws IOException, FlipsideException {
        update();
        coordinator().rollback();
        assertInstanceOf(UpdateState.Staged.class, state());
        assertEquals(List.of("flipside-0000000002+3-0.conf"), host.entryNames());
        assertEquals("1", host.bootUntilHealthy(CLOCK).release().version());
        assertInstanceOf(Decision.Proceed.class, coordinator().activate());
        assertEquals("2", host.bootUntilHealthy(CLOCK).release().version());
    }

    @Test
    void keepsPinAndHoldAcrossSlots() throws IOException, FlipsideException {
        update();
        coordinator().pin(Optional.of("2"));
        coordinator().hold(true);
        host.bootUntilHealthy(CLOCK);
        Status status = coordinator().status();
        assertEquals(Optional.of("2"), status.policy().pin());
        assertTrue(status.policy().hold());
        assertHeld(coordinator().stage(Optional.of("1")), Rule.HOLD, Rule.PIN);
    }

    @Test
    void raisesTheFloorOnlyToWhatBothSlotsSatisfy() throws IOException, FlipsideException {
        update();
        host.bootUntilHealthy(CLOCK);
        assertEquals(1, coordinator().status().memory().floor());
        repository.offer("4");
        update();
        host.bootUntilHealthy(CLOCK);
        assertEquals(2, coordinator().status().memory().floor());
        assertHeld(coordinator().stage(Optional.of("1")), Rule.FLOOR);
    }

    @Test
    void anOutageChangesNothing() throws FlipsideException {
        coordinator().stage(Optional.empty());
        repository.reachable(false);
        assertCode(
                FailureCode.SOURCE_UNREACHABLE,
                assertThrows(FlipsideException.class, () -> coordinator().check(Optional.empty())));
        assertInstanceOf(UpdateState.Staged.class, state());
        assertInstanceOf(Decision.Proceed.class, coordinator().activate());
    }

    @Test
    void takesTheKernelOfAUkiFromTheSlotThatItHasJustWritten() throws FlipsideException {
        coordinator().stage(Optional.empty());
        Artifact uki = repository.release("2").candidate().uki();
        assertEquals(uki.bytesBesideImage(), repository.fetchedUkiBytes());
        assertTrue(repository.fetchedUkiBytes() < uki.sizeBytes());
    }

    @Test
    void refusesAUkiThatIsNotTheReleases() throws FlipsideException {
        repository.serveAsUki(new byte[1000]);
        assertCode(
                FailureCode.DIGEST_MISMATCH,
                assertThrows(FlipsideException.class, () -> coordinator().stage(Optional.empty())));
        assertInstanceOf(UpdateState.Idle.class, state());
        assertEquals(List.of("flipside-0000000002+3-0.conf"), host.entryNames());
        assertTrue(host.esp.files().keySet().stream().noneMatch(it -> it.contains(".tmp-")));
        assertEquals(
                FailureCode.DIGEST_MISMATCH,
                coordinator().status().memory().failed().orElseThrow().code());
    }

    @Test
    void saysWhichDiskCannotBeRead() {
        host.disk.failReads(0, 4096);
        assertCode(
                FailureCode.DISK_UNREADABLE,
                assertThrows(FlipsideException.class, () -> coordinator().status()));
    }

    @Test
    void saysThatTheEspIsFullAndLeavesItAsItWas() throws FlipsideException {
        long used = host.esp.files().values().stream().mapToLong(it -> it.length).sum();
        host.esp.limitTo(used + 100);
        Map<String, byte[]> before = host.esp.files();
        assertHeld(coordinator().stage(Optional.empty()), Rule.NO_ESP_ROOM);
        assertEquals(before.keySet(), host.esp.files().keySet());
    }

    @Test
    void refusesAStateThatItCannotReadInsteadOfForgettingTheFloor() {
        host.state.plant("state.json", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertCode(
                FailureCode.STATE_MALFORMED,
                assertThrows(FlipsideException.class, () -> coordinator().afterBoot()));
    }

    private Coordinator coordinator() {
        return host.coordinator(CLOCK);
    }

    private UpdateState state() throws FlipsideException {
        return coordinator().status().memory().state();
    }

    private void update() throws FlipsideException {
        Coordinator coordinator = coordinator();
        assertInstanceOf(Decision.Proceed.class, coordinator.stage(Optional.empty()));
        assertInstanceOf(Decision.Proceed.class, coordinator.activate());
    }

    private static void assertHeld(Decision decision, Rule... rules) {
        Decision.Hold hold = assertInstanceOf(Decision.Hold.class, decision, decision::line);
        assertEquals(List.of(rules), hold.reasons().stream().map(RuleResult::rule).toList());
    }

    private static void assertCode(FailureCode code, FlipsideException e) {
        assertEquals(code, e.failure().code(), e.failure().line());
    }
}
