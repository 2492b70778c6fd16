package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.LifecycleTable.OTHER;
import static dev.flipside.updater.lifecycle.LifecycleTable.RELEASE;
import static dev.flipside.updater.lifecycle.LifecycleTable.TARGET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.updater.lifecycle.BootReview.OtherEntry;
import dev.flipside.updater.lifecycle.BootReview.Running;
import dev.flipside.updater.lifecycle.BootReview.TrialEvidence;
import dev.flipside.updater.lifecycle.RollbackReason.Cause;
import dev.flipside.updater.lifecycle.UpdateState.Goal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The host was running release 1 in slot A; its target is release 2 in slot B. */
final class BootReviewTest {
    private static final UpdateState PENDING = new UpdateState.RebootPending(TARGET);
    private static final TrialEvidence NONE = new TrialEvidence.None();

    private static BootReview.Facts bootedA(
            BootStanding standing, OtherEntry other, TrialEvidence trial) {
        return new BootReview.Facts(
                SlotName.A,
                OTHER.rootHash(),
                standing,
                other,
                other == OtherEntry.BOOTABLE,
                Optional.of(new Running(SlotName.A, OTHER)),
                trial);
    }

    private static BootReview.Facts bootedB(BootStanding standing, OtherEntry other) {
        return new BootReview.Facts(
                SlotName.B,
                RELEASE.rootHash(),
                standing,
                other,
                other == OtherEntry.BOOTABLE,
                Optional.of(new Running(SlotName.A, OTHER)),
                NONE);
    }

    @Test
    void everyPairLeadsToAnEventThatItsStateTakes() {
        for (UpdateState state : LifecycleTable.states().values()) {
            for (SlotName slot : SlotName.values()) {
                for (BootStanding standing : BootStanding.values()) {
                    for (OtherEntry other : OtherEntry.values()) {
                        for (TrialEvidence trial :
                                List.of(
                                        NONE,
                                        new TrialEvidence.Failed(List.of("a")),
                                        new TrialEvidence.Unfinished(List.of("b")),
                                        new TrialEvidence.NotBegun(List.of("c")),
                                        new TrialEvidence.Panicked(List.of("d")),
                                        new TrialEvidence.WatchdogReset(List.of("e")))) {
                            for (Optional<Running> running :
                                    List.of(
                                            Optional.<Running>empty(),
                                            Optional.of(new Running(SlotName.A, OTHER)),
                                            Optional.of(new Running(SlotName.B, RELEASE)))) {
                                for (boolean next : List.of(true, false)) {
                                    assertTaken(
                                            state,
                                            new BootReview.Facts(
                                                    slot,
                                                    slot == SlotName.A
                                                            ? OTHER.rootHash()
                                                            : RELEASE.rootHash(),
                                                    standing,
                                                    other,
                                                    next,
                                                    running,
                                                    trial));
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static void assertTaken(UpdateState state, BootReview.Facts facts) {
        BootReview.event(state, facts)
                .ifPresent(
                        event ->
                                assertInstanceOf(
                                        Transition.Move.class,
                                        Lifecycle.next(state, event),
                                        () -> state + ", " + facts));
    }

    @Test
    void aTargetThatRunsIsUnderTrialUntilItIsGood() {
        assertEquals(
                Optional.of(new UpdateEvent.TargetUnderTrial()),
                BootReview.event(PENDING, bootedB(BootStanding.UNDER_TRIAL, OtherEntry.BOOTABLE)));
        assertEquals(
                Optional.of(new UpdateEvent.TargetGood()),
                BootReview.event(PENDING, bootedB(BootStanding.GOOD, OtherEntry.BOOTABLE)));
        assertEquals(
                Optional.of(new UpdateEvent.TargetGood()),
                BootReview.event(
                        new UpdateState.Trial(TARGET),
                        bootedB(BootStanding.COMMITTED, OtherEntry.BOOTABLE)));
    }

    @Test
    void aTargetWithoutTriesFellBackForTheReasonThatItsTrialsTell() {
        assertEquals(Cause.NEVER_REACHED_USER_SPACE, cause(OtherEntry.BAD, NONE));
        assertEquals(
                Cause.HEALTH_CHECK_FAILED,
                cause(OtherEntry.BAD, new TrialEvidence.Failed(List.of("x"))));
        assertEquals(
                Cause.TRIAL_NOT_FINISHED,
                cause(OtherEntry.BAD, new TrialEvidence.Unfinished(List.of("x"))));
        assertEquals(
                Cause.TRIAL_NOT_BEGUN,
                cause(OtherEntry.BAD, new TrialEvidence.NotBegun(List.of("x"))));
        assertEquals(
                Cause.KERNEL_PANIC,
                cause(OtherEntry.BAD, new TrialEvidence.Panicked(List.of("x"))));
        assertEquals(
                Cause.WATCHDOG_RESET,
                cause(OtherEntry.BAD, new TrialEvidence.WatchdogReset(List.of("x"))));
    }

    private static Cause cause(OtherEntry other, TrialEvidence trial) {
        UpdateEvent event =
                BootReview.event(PENDING, bootedA(BootStanding.GOOD, other, trial)).orElseThrow();
        return assertInstanceOf(UpdateEvent.TargetFellBack.class, event).reason().cause();
    }

    @Test
    void aTargetThatWasNotTriedStaysPending() {
        assertEquals(
                Optional.empty(),
                BootReview.event(
                        PENDING, bootedA(BootStanding.COMMITTED, OtherEntry.BOOTABLE, NONE)));
        assertEquals(
                Optional.of(new UpdateEvent.RunningGood(OTHER.rootHash())),
                BootReview.event(PENDING, bootedA(BootStanding.GOOD, OtherEntry.BOOTABLE, NONE)));
    }

    @Test
    void anEntryThatWasLostIsNoRollback() {
        assertEquals(
                Optional.of(new UpdateEvent.ActivationLost()),
                BootReview.event(PENDING, bootedA(BootStanding.GOOD, OtherEntry.ABSENT, NONE)));
        assertEquals(
                Optional.of(new UpdateEvent.Restarted()),
                BootReview.event(
                        new UpdateState.Activating(TARGET),
                        bootedA(BootStanding.COMMITTED, OtherEntry.ABSENT, NONE)));
    }

    @Test
    void anEntryThatTheLoaderPassesOverIsNoActivation() {
        BootReview.Facts facts =
                new BootReview.Facts(
                        SlotName.A,
                        OTHER.rootHash(),
                        BootStanding.COMMITTED,
                        OtherEntry.BOOTABLE,
                        false,
                        Optional.of(new Running(SlotName.A, OTHER)),
                        NONE);
        assertEquals(
                Optional.of(new UpdateEvent.ActivationLost()), BootReview.event(PENDING, facts));
    }

    @Test
    void aTrialIsOverWhenTheOtherSlotRuns() {
        for (OtherEntry other : List.of(OtherEntry.ABSENT, OtherEntry.BOOTABLE)) {
            assertEquals(
                    Optional.of(new UpdateEvent.Restarted()),
                    BootReview.event(
                            new UpdateState.Trial(TARGET),
                            bootedA(BootStanding.GOOD, other, NONE)));
        }
    }

    @Test
    void aReleaseThatWasKeptFallsBackLater() {
        BootReview.Facts facts =
                new BootReview.Facts(
                        SlotName.A,
                        OTHER.rootHash(),
                        BootStanding.GOOD,
                        OtherEntry.BAD,
                        false,
                        Optional.of(new Running(SlotName.B, RELEASE)),
                        NONE);
        UpdateEvent event =
                BootReview.event(new UpdateState.Committed(RELEASE), facts).orElseThrow();
        assertEquals(RELEASE, assertInstanceOf(UpdateEvent.RunningFellBack.class, event).release());
    }

    @Test
    void aChoiceAtTheMenuIsHeldAgainstNobody() {
        BootReview.Facts facts =
                new BootReview.Facts(
                        SlotName.A,
                        OTHER.rootHash(),
                        BootStanding.GOOD,
                        OtherEntry.BOOTABLE,
                        true,
                        Optional.of(new Running(SlotName.B, RELEASE)),
                        NONE);
        UpdateEvent event =
                BootReview.event(new UpdateState.Committed(RELEASE), facts).orElseThrow();
        assertEquals(
                Cause.CHOSEN_BY_HAND,
                assertInstanceOf(UpdateEvent.RunningFellBack.class, event).reason().cause());
    }

    @Test
    void aDiskThatSomeoneElseHasWrittenEndsTheUpdate() {
        BootReview.Facts facts =
                new BootReview.Facts(
                        SlotName.B,
                        "e".repeat(64),
                        BootStanding.GOOD,
                        OtherEntry.ABSENT,
                        false,
                        Optional.empty(),
                        NONE);
        assertEquals(
                Optional.of(new UpdateEvent.TargetReplaced()), BootReview.event(PENDING, facts));
    }

    @Test
    void whatWasUnderWayIsTakenUpAgain() {
        for (UpdateState state :
                Set.of(
                        new UpdateState.Checking(Goal.STAGE, Optional.empty()),
                        new UpdateState.Staging(TARGET))) {
            assertEquals(
                    Optional.of(new UpdateEvent.Restarted()),
                    BootReview.event(
                            state, bootedA(BootStanding.COMMITTED, OtherEntry.ABSENT, NONE)));
        }
    }
}
