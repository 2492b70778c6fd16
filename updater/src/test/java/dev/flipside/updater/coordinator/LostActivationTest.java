package dev.flipside.updater.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.lifecycle.BootStanding;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.UpdateState;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Activations that are taken back, fail, or are passed over by whoever boots the host. */
final class LostActivationTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));

    private final TestRepository repository =
            new TestRepository(TestRelease.of("1", 1, true), TestRelease.of("2", 2, true));
    private SmallHost host;

    @BeforeEach
    void install() throws IOException, FlipsideException {
        host = SmallHost.offeredRelease2(repository, CLOCK);
    }

    @Test
    void aRollbackThatIsTakenBackKeepsTheFallback() throws IOException, FlipsideException {
        update();
        host.bootUntilHealthy(CLOCK);
        coordinator().rollback();
        assertInstanceOf(UpdateState.RebootPending.class, state());
        coordinator().rollback();
        assertInstanceOf(UpdateState.Idle.class, state());
        assertEquals("2", host.bootUntilHealthy(CLOCK).release().version());
        breakBootedSlot();
        for (int tries = 0; tries < 3; tries++) {
            assertTrue(host.boot(CLOCK).isEmpty());
        }
        assertEquals("1", host.bootUntilHealthy(CLOCK).release().version());
    }

    @Test
    void aUkiThatIsSpoiltBeforeItsActivationIsStagedAgain() throws IOException, FlipsideException {
        coordinator().stage(Optional.empty());
        spoilUki("2");
        assertCode(
                FailureCode.DIGEST_MISMATCH,
                assertThrows(FlipsideException.class, () -> coordinator().activate()));
        assertInstanceOf(UpdateState.Idle.class, state());
        update();
        assertEquals("2", host.bootUntilHealthy(CLOCK).release().version());
    }

    @Test
    void aTargetWhoseEntryCannotBeMadeAgainIsNotTheNextBoot()
            throws IOException, FlipsideException {
        update();
        spoilUki("2");
        choose("1");
        host.boot(CLOCK);
        assertCode(
                FailureCode.DIGEST_MISMATCH,
                assertThrows(FlipsideException.class, () -> coordinator().afterBoot()));
        Status status = coordinator().afterBoot();
        assertInstanceOf(UpdateState.Staged.class, status.memory().state());
        assertEquals(BootStanding.COMMITTED, status.facts().standing());
    }

    @Test
    void theHistorySaysThatAnotherSlotWasBootedThanTheTargets()
            throws IOException, FlipsideException {
        update();
        choose("1");
        host.bootUntilHealthy(CLOCK);
        assertInstanceOf(UpdateState.RebootPending.class, state());
        List<String> told =
                coordinator().history().stream()
                        .filter(it -> it.path("event").asText().equals("boot"))
                        .map(Object::toString)
                        .toList();
        assertEquals(1, told.size(), told::toString);
        assertTrue(told.getFirst().contains("\"target-not-booted\""), told::toString);
        assertTrue(told.getFirst().contains("flipside-0000000003+3-0.conf"), told::toString);
        host.menu = entry -> true;
        assertEquals("2", host.bootUntilHealthy(CLOCK).release().version());
    }

    @Test
    void aCommitThatFailsDoesNotOutliveTheBootOfTheOtherSlot()
            throws IOException, FlipsideException {
        update();
        host.boot(CLOCK);
        host.esp.limitTo(host.esp.files().values().stream().mapToLong(it -> it.length).sum());
        assertThrows(FlipsideException.class, () -> coordinator().afterBoot());
        assertInstanceOf(UpdateState.Trial.class, state());
        host.esp.limitTo(Long.MAX_VALUE);
        choose("1");
        host.bootUntilHealthy(CLOCK);
        Status status = coordinator().status();
        assertInstanceOf(UpdateState.RebootPending.class, status.memory().state());
        assertEquals(BootStanding.COMMITTED, status.facts().standing());
    }

    private void choose(String version) {
        host.menu = entry -> entry.title().orElse("").contains(" " + version);
    }

    private void spoilUki(String version) {
        String path = EspLayout.imagePath(repository.release(version).ukiDigest());
        byte[] content = host.esp.files().get(path).clone();
        content[content.length - 1] ^= 1;
        host.esp.plant(path, content);
    }

    private void breakBootedSlot() throws FlipsideException {
        host.disk.rot(
                coordinator()
                        .status()
                        .observation()
                        .layout()
                        .bootedSlot()
                        .data()
                        .offsetBytes(SmallHost.SECTOR_BYTES),
                1);
    }

    private void update() throws FlipsideException {
        assertInstanceOf(Decision.Proceed.class, coordinator().stage(Optional.empty()));
        assertInstanceOf(Decision.Proceed.class, coordinator().activate());
    }

    private Coordinator coordinator() {
        return host.coordinator(CLOCK);
    }

    private UpdateState state() throws FlipsideException {
        return coordinator().status().memory().state();
    }

    private static void assertCode(FailureCode code, FlipsideException e) {
        assertEquals(code, e.failure().code(), e.failure().line());
    }
}
