package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.updater.lifecycle.MaintenanceWindow.At;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RebootPlannerTest {
    private static final Instant CLOSED = Instant.parse("2026-11-20T12:00:00Z");
    private static final Instant OPENS = Instant.parse("2026-11-20T22:00:00Z");
    private static final Timing AT_NIGHT =
            new Timing(
                    new MaintenanceWindows(
                            List.of(
                                    new MaintenanceWindow(
                                            EnumSet.allOf(DayOfWeek.class),
                                            LocalTime.of(22, 0),
                                            new At(LocalTime.of(4, 0)))),
                            ZoneOffset.UTC),
                    StagingTime.AT_ONCE,
                    Duration.ZERO,
                    true);
    private static final HostFacts HOST = TestingHost.usual().facts();
    private static final Target PENDING = target(Target.Intent.UPDATE);

    @Test
    void neverRebootsWhereTheOperatorDoes() {
        RuleResult reason = waits(RebootStrategy.NEVER, OPENS);
        assertEquals(Rule.REBOOT_BY_HAND, reason.rule());
        assertEquals(Optional.empty(), reason.passesAt());
    }

    @Test
    void rebootsImmediatelyWhateverTheWindowsSay() {
        assertInstanceOf(RebootDecision.Restart.class, plan(RebootStrategy.IMMEDIATELY, CLOSED));
    }

    @Test
    void rebootsInAWindowAndSaysWhenTheNextOneOpens() {
        RuleResult reason = waits(RebootStrategy.WINDOW, CLOSED);
        assertEquals(Rule.WINDOW, reason.rule());
        assertEquals(Optional.of(OPENS), reason.passesAt());
        assertInstanceOf(RebootDecision.Restart.class, plan(RebootStrategy.WINDOW, OPENS));
    }

    @Test
    void asksSomebodyElseByTheSentinel() {
        assertInstanceOf(RebootDecision.Announce.class, plan(RebootStrategy.SENTINEL, CLOSED));
    }

    @Test
    void aHoldStopsTheRebootOfAnUpdateAndNotThatOfARollback() {
        Policy held =
                TestingPolicy.held(
                        TestingPolicy.rebooting(RebootStrategy.IMMEDIATELY, Timing.any()));
        assertInstanceOf(
                RebootDecision.Wait.class, RebootPlanner.plan(HOST, PENDING, held, CLOSED));
        assertInstanceOf(
                RebootDecision.Restart.class,
                RebootPlanner.plan(HOST, target(Target.Intent.ROLLBACK), held, CLOSED));
    }

    @Test
    void aConfigurationThatWasNotUnderstoodStopsTheReboot() {
        Policy misread = TestingPolicy.misread(RebootStrategy.IMMEDIATELY);
        assertInstanceOf(
                RebootDecision.Wait.class, RebootPlanner.plan(HOST, PENDING, misread, CLOSED));
    }

    @Test
    void aPinToAnotherVersionStopsTheReboot() {
        Policy pinned =
                new Policy(
                        "stable",
                        Optional.of(Pin.to("1")),
                        false,
                        RebootStrategy.SENTINEL,
                        Timing.any(),
                        WithdrawalResponse.WINDOW);
        assertInstanceOf(
                RebootDecision.Wait.class, RebootPlanner.plan(HOST, PENDING, pinned, CLOSED));
    }

    @Test
    void leavesAWithdrawnReleaseOutsideItsWindows() {
        Policy policy =
                new Policy(
                        "stable",
                        Optional.empty(),
                        false,
                        RebootStrategy.WINDOW,
                        AT_NIGHT,
                        WithdrawalResponse.AT_ONCE);
        HostFacts withdrawn = TestingHost.usual().withdrawn(LifecycleTable.OTHER);
        assertInstanceOf(
                RebootDecision.Restart.class,
                RebootPlanner.plan(withdrawn, PENDING, policy, CLOSED));
        assertInstanceOf(
                RebootDecision.Wait.class, RebootPlanner.plan(HOST, PENDING, policy, CLOSED));
    }

    private static Target target(Target.Intent intent) {
        return new Target(LifecycleTable.release("2", 'b'), SlotName.B, intent);
    }

    private static RebootDecision plan(RebootStrategy strategy, Instant now) {
        return RebootPlanner.plan(HOST, PENDING, TestingPolicy.rebooting(strategy, AT_NIGHT), now);
    }

    private static RuleResult waits(RebootStrategy strategy, Instant now) {
        RebootDecision decision = plan(strategy, now);
        assertInstanceOf(RebootDecision.Wait.class, decision);
        return decision.rules().stream().filter(it -> !it.passed()).findFirst().orElseThrow();
    }
}
