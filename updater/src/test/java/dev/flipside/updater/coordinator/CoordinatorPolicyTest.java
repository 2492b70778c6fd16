package dev.flipside.updater.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.MaintenanceWindow;
import dev.flipside.updater.lifecycle.MaintenanceWindows;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.RebootDecision;
import dev.flipside.updater.lifecycle.RebootStrategy;
import dev.flipside.updater.lifecycle.Rule;
import dev.flipside.updater.lifecycle.StagingTime;
import dev.flipside.updater.lifecycle.Timing;
import dev.flipside.updater.lifecycle.UpdateState;
import java.io.IOException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the policy makes of a host, over reboots and slot changes. */
final class CoordinatorPolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);
    private static final Instant END = Instant.parse("2026-12-01T00:00:00Z");

    private final TestRepository repository =
            new TestRepository(
                    TestRelease.of("1", 1, true),
                    TestRelease.of("2", 1, true),
                    TestRelease.of("3", 1, true));
    private final List<String> power = new ArrayList<>();
    private SmallHost host;

    @BeforeEach
    void install() throws IOException, FlipsideException {
        host = SmallHost.offeredRelease2(repository, CLOCK);
    }

    @Test
    void aPinWithAnEndSurvivesSlotChangesAndRunsOut() throws IOException, FlipsideException {
        coordinator().pin(new Pin("2", Optional.of(END)));
        update();
        host.bootUntilHealthy(CLOCK);
        repository.offer("3");
        Coordinator before = at(END.minusNanos(1), RebootStrategy.NEVER);
        Decision.Hold hold = assertInstanceOf(Decision.Hold.class, before.check(Optional.empty()));
        assertEquals(Rule.PIN, hold.reasons().getFirst().rule());
        assertEquals(Optional.of(END), hold.notBefore());
        assertEquals(hold, before.status().memory().checked().orElseThrow().decision());
        Coordinator after = at(END, RebootStrategy.NEVER);
        assertInstanceOf(Decision.Proceed.class, after.check(Optional.empty()));
        assertEquals(Optional.empty(), after.status().policy().pin());
    }

    @Test
    void remembersThatTheReleaseThatRunsWasWithdrawn() throws IOException, FlipsideException {
        update();
        host.bootUntilHealthy(CLOCK);
        assertFalse(coordinator().status().facts().runsWithdrawn());
        repository.withdraw("2");
        coordinator().check(Optional.empty());
        assertTrue(coordinator().status().facts().runsWithdrawn());
        repository.offer("3");
        update();
        host.bootUntilHealthy(CLOCK);
        assertFalse(coordinator().status().facts().runsWithdrawn());
    }

    @Test
    void keepsWhatIsStagedWhileARuleHoldsIt() throws IOException, FlipsideException {
        Coordinator coordinator = coordinator();
        coordinator.stage(Optional.empty());
        UpdateState staged = coordinator.status().memory().state();
        assertInstanceOf(UpdateState.Staged.class, staged);
        coordinator.hold(true);
        assertInstanceOf(Decision.Hold.class, coordinator.check(Optional.empty()));
        assertInstanceOf(Decision.Hold.class, coordinator.stage(Optional.empty()));
        assertInstanceOf(Decision.Hold.class, coordinator.activate());
        assertEquals(staged, coordinator.status().memory().state());
        coordinator.hold(false);
        repository.reachable(false);
        assertInstanceOf(Decision.Proceed.class, coordinator.activate());
    }

    @Test
    void activatesNothingThatWasWithdrawnAfterItWasStaged() throws IOException, FlipsideException {
        Coordinator coordinator = coordinator();
        coordinator.stage(Optional.empty());
        repository.offer("1");
        repository.withdraw("2");
        assertInstanceOf(Decision.Nothing.class, coordinator.check(Optional.empty()));
        repository.reachable(false);
        Decision.Hold hold = assertInstanceOf(Decision.Hold.class, coordinator.activate());
        assertEquals(Rule.WITHDRAWN, hold.reasons().getFirst().rule());
        assertEquals(1, hold.reasons().size());
    }

    @Test
    void onlyAnAnswerOfTheRepositoryIsAGoodPoll() throws IOException, FlipsideException {
        coordinator().stage(Optional.empty());
        Coordinator later = at(END, RebootStrategy.NEVER);
        later.activate();
        later.rollback();
        assertEquals(Optional.of(NOW), later.status().memory().asked());
        later.check(Optional.empty());
        assertEquals(Optional.of(END), later.status().memory().asked());
    }

    @Test
    void asksSomebodyElseToRebootUntilTheActivationIsTakenBack()
            throws IOException, FlipsideException {
        Coordinator coordinator = at(NOW, RebootStrategy.SENTINEL);
        assertInstanceOf(RebootDecision.Wait.class, coordinator.rebootByPolicy());
        update();
        assertInstanceOf(RebootDecision.Announce.class, coordinator.rebootByPolicy());
        coordinator.rollback();
        assertInstanceOf(RebootDecision.Wait.class, coordinator.rebootByPolicy());
        assertEquals(List.of("not asked", "asked", "not asked"), power);
    }

    @Test
    void takesTheQuestionBackWhenTheOperatorHoldsUpdates() throws IOException, FlipsideException {
        Coordinator coordinator = at(NOW, RebootStrategy.SENTINEL);
        update();
        coordinator.rebootByPolicy();
        coordinator.hold(true);
        assertInstanceOf(RebootDecision.Wait.class, coordinator.rebootByPolicy());
        assertEquals(List.of("asked", "not asked"), power);
    }

    @Test
    void rebootsByItselfWhereThatIsThePolicy() throws IOException, FlipsideException {
        update();
        assertInstanceOf(RebootDecision.Wait.class, at(NOW, RebootStrategy.NEVER).rebootByPolicy());
        Coordinator coordinator = at(NOW, RebootStrategy.IMMEDIATELY);
        assertInstanceOf(RebootDecision.Restart.class, coordinator.rebootByPolicy());
        assertEquals(List.of("not asked", "not asked", "reboot"), power);
        assertInstanceOf(UpdateState.RebootPending.class, coordinator.status().memory().state());
    }

    @Test
    void anOperatorWhoDoesNotWaitUpdatesOutsideTheWindows() throws FlipsideException {
        MaintenanceWindow sundays =
                new MaintenanceWindow(
                        Set.of(DayOfWeek.SUNDAY),
                        LocalTime.of(2, 0),
                        new MaintenanceWindow.After(Duration.ofHours(1)));
        Timing timing =
                new Timing(
                        new MaintenanceWindows(List.of(sundays), ZoneOffset.UTC),
                        StagingTime.WINDOW,
                        Duration.ofDays(300),
                        true);
        Coordinator patient =
                new Coordinator(
                        TestRepository.config(RebootStrategy.NEVER, timing), host.effects(), CLOCK);
        assertInstanceOf(Decision.Hold.class, patient.stage(Optional.empty()));
        assertInstanceOf(Decision.Proceed.class, patient.atAnyTime().stage(Optional.empty()));
        assertInstanceOf(Decision.Hold.class, patient.activate());
        patient.hold(true);
        assertInstanceOf(Decision.Hold.class, patient.atAnyTime().activate());
        patient.hold(false);
        assertInstanceOf(Decision.Proceed.class, patient.atAnyTime().activate());
    }

    private void update() throws FlipsideException {
        assertInstanceOf(Decision.Proceed.class, coordinator().stage(Optional.empty()));
        assertInstanceOf(Decision.Proceed.class, coordinator().activate());
    }

    private Coordinator coordinator() throws FlipsideException {
        return new Coordinator(TestRepository.config(), host.effects(), CLOCK);
    }

    private Coordinator at(Instant now, RebootStrategy reboot) {
        HostEffects effects = host.effects();
        return new Coordinator(
                TestRepository.config(reboot),
                new HostEffects(
                        effects.disk(),
                        effects.esp(),
                        effects.state(),
                        effects.booted(),
                        effects.repository(),
                        effects.slots(),
                        new RecordedPower()),
                InstantSource.fixed(now));
    }

    /** A power button that writes down what it was asked. */
    private final class RecordedPower implements Power {
        @Override
        public boolean reboot() {
            power.add("reboot");
            return true;
        }

        @Override
        public void announce(boolean wanted) {
            power.add(wanted ? "asked" : "not asked");
        }
    }
}
