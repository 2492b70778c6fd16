package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.repository.Channel.Wave;
import dev.flipside.updater.lifecycle.MaintenanceWindow.After;
import dev.flipside.updater.lifecycle.Wanted.By;
import dev.flipside.updater.lifecycle.Wanted.Offer;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the clock holds, and until when. */
final class TimingRulesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** A Friday; the windows are open on Saturday from two to six. */
    private static final Instant FRIDAY = Instant.parse("2026-11-20T12:00:00Z");

    private static final Instant OPENS = Instant.parse("2026-11-21T01:00:00Z");
    private static final Instant CLOSES = Instant.parse("2026-11-21T05:00:00Z");
    private static final MaintenanceWindows WINDOWS =
            new MaintenanceWindows(
                    List.of(
                            new MaintenanceWindow(
                                    Set.of(DayOfWeek.SATURDAY),
                                    LocalTime.of(2, 0),
                                    new After(Duration.ofHours(4)))),
                    BERLIN);
    private static final Policy IN_WINDOWS = TestingPolicy.windows(WINDOWS, StagingTime.WINDOW);
    private static final HostFacts HOST = TestingHost.usual().facts();
    private static final Candidate.Found NEXT = TestingRelease.of("2", 'b');
    private static final Target STAGED =
            new Target(NEXT.reference(), SlotName.B, Target.Intent.UPDATE);

    @Test
    void stagesInAWindowAndSaysUntilWhenItIsClosed() {
        RuleResult window = held(plan(offered(), IN_WINDOWS, FRIDAY), Rule.WINDOW);
        assertEquals(Optional.of(OPENS), window.passesAt());
        assertEquals("wait until 2026-11-21 02:00:00 +01:00", window.change());
        assertEquals("a time in Sat 02:00 4h (Europe/Berlin)", window.expected());
        assertEquals("2026-11-20 13:00:00 +01:00", window.found());
        assertHeld(plan(offered(), IN_WINDOWS, OPENS.minusNanos(1)), Rule.WINDOW);
        assertProceeds(plan(offered(), IN_WINDOWS, OPENS));
        assertProceeds(plan(offered(), IN_WINDOWS, CLOSES.minusNanos(1)));
        assertHeld(plan(offered(), IN_WINDOWS, CLOSES), Rule.WINDOW);
    }

    @Test
    void stagesAtOnceWhereThatIsThePolicyAndActivatesInAWindow() {
        Policy atOnce = TestingPolicy.windows(WINDOWS, StagingTime.AT_ONCE);
        assertProceeds(plan(offered(), atOnce, FRIDAY));
        for (Policy policy : List.of(atOnce, IN_WINDOWS)) {
            assertHeld(UpdatePlanner.planActivation(HOST, STAGED, policy, FRIDAY), Rule.WINDOW);
            assertProceeds(UpdatePlanner.planActivation(HOST, STAGED, policy, OPENS));
        }
    }

    @Test
    void aWindowHoldsWhatAnOperatorOrAPinNamesToo() {
        for (By by : By.values()) {
            Wanted wanted = new Wanted("2", by, Optional.of(new Offer("2", 1)));
            assertHeld(plan(wanted, IN_WINDOWS, FRIDAY), Rule.WINDOW);
        }
    }

    @Test
    void noWindowHoldsARollback() {
        Decision decision =
                UpdatePlanner.planRollback(HOST, Optional.of(NEXT.reference()), IN_WINDOWS);
        assertProceeds(decision);
    }

    @Test
    void waitsUntilTheReleaseIsOldEnough() {
        Policy patient = aged(Duration.ofDays(3));
        Instant oldEnough = TestingRelease.CREATED.plus(Duration.ofDays(3));
        RuleResult age = held(plan(offered(), patient, oldEnough.minusNanos(1)), Rule.MINIMUM_AGE);
        assertEquals(Optional.of(oldEnough), age.passesAt());
        assertEquals("a release that is 3d old", age.expected());
        assertProceeds(plan(offered(), patient, oldEnough));
    }

    @Test
    void whatAnOperatorOrAPinNamesWaitsForNoAge() {
        for (By by : List.of(By.OPERATOR, By.PIN)) {
            Wanted wanted = new Wanted("2", by, Optional.of(new Offer("2", 1)));
            assertProceeds(plan(wanted, aged(Duration.ofDays(300)), TestingRelease.CREATED));
        }
    }

    @Test
    void aHostThatGoesFirstWaitsForNoWave() {
        Wanted wanted = offered(Set.of(), List.of(new Wave(OPENS, 100)));
        RuleResult wave = held(plan(wanted, TestingPolicy.free(), FRIDAY), Rule.WAVE);
        assertEquals(Optional.of(OPENS), wave.passesAt());
        Timing first =
                new Timing(
                        MaintenanceWindows.always(BERLIN),
                        StagingTime.WINDOW,
                        Duration.ZERO,
                        false);
        assertProceeds(plan(wanted, TestingPolicy.timed(first), FRIDAY));
    }

    @Test
    void saysWhenTimeAloneWillHaveLetItThrough() {
        Instant later = OPENS.plusSeconds(600);
        Wanted wanted = offered(Set.of(), List.of(new Wave(later, 100)));
        Decision.Hold both =
                assertInstanceOf(Decision.Hold.class, plan(wanted, IN_WINDOWS, FRIDAY));
        assertEquals(
                List.of(Rule.WAVE, Rule.WINDOW),
                both.reasons().stream().map(RuleResult::rule).toList());
        assertEquals(Optional.of(later), both.notBefore());
        Decision.Hold forGood =
                assertInstanceOf(
                        Decision.Hold.class, plan(wanted, TestingPolicy.held(IN_WINDOWS), FRIDAY));
        assertEquals(Optional.empty(), forGood.notBefore());
    }

    @Test
    void aPinSaysUntilWhenItHolds() {
        Policy policy = TestingPolicy.pinned(new Pin("1", Optional.of(OPENS)));
        RuleResult pin =
                held(
                        plan(new Wanted("2", By.OPERATOR, Optional.empty()), policy, FRIDAY),
                        Rule.PIN);
        assertEquals(Optional.of(OPENS), pin.passesAt());
        assertEquals("the pinned version 1 until 2026-11-21 01:00:00 Z", utc(pin.expected()));
        Wanted stays = Wanted.of(policy, Optional.empty(), offered().offered()).orElseThrow();
        RuleResult here =
                held(
                        UpdatePlanner.plan(
                                HOST, stays, TestingRelease.of("1", 'a'), policy, FRIDAY),
                        Rule.PIN);
        assertEquals(Optional.of(OPENS), here.passesAt());
        assertEquals("2 from the channel", here.found());
    }

    @Test
    void aPinHoldsUpToItsEnd() {
        Pin pin = new Pin("1", Optional.of(OPENS));
        assertTrue(pin.holdsAt(OPENS.minusNanos(1)));
        assertTrue(!pin.holdsAt(OPENS));
        assertTrue(Pin.to("1").holdsAt(Instant.MAX));
    }

    @Test
    void leavesAWithdrawnReleaseAsThePolicySays() {
        String running =
                HOST.booted().release().orElseThrow().signed().orElseThrow().manifestDigest();
        Wanted wanted = offered(Set.of(running), List.of(new Wave(CLOSES.plusSeconds(1), 100)));
        Timing patient = new Timing(WINDOWS, StagingTime.WINDOW, Duration.ofDays(365), true);
        Policy stay = TestingPolicy.withdrawal(WithdrawalResponse.STAY, patient);
        Policy window = TestingPolicy.withdrawal(WithdrawalResponse.WINDOW, patient);
        Policy atOnce = TestingPolicy.withdrawal(WithdrawalResponse.AT_ONCE, patient);
        assertEquals(
                Set.of(Rule.WAVE, Rule.MINIMUM_AGE, Rule.WINDOW),
                reasons(plan(wanted, stay, FRIDAY)));
        assertEquals(Set.of(Rule.WINDOW), reasons(plan(wanted, window, FRIDAY)));
        assertProceeds(plan(wanted, window, OPENS));
        assertProceeds(plan(wanted, atOnce, FRIDAY));
        HostFacts withdrawn = TestingHost.usual().withdrawn(LifecycleTable.OTHER);
        assertHeld(UpdatePlanner.planActivation(withdrawn, STAGED, window, FRIDAY), Rule.WINDOW);
        assertProceeds(UpdatePlanner.planActivation(withdrawn, STAGED, atOnce, FRIDAY));
        assertHeld(UpdatePlanner.planActivation(HOST, STAGED, atOnce, FRIDAY), Rule.WINDOW);
    }

    @Test
    void aHoldAndAPinKeepAHostOnAWithdrawnRelease() {
        String running =
                HOST.booted().release().orElseThrow().signed().orElseThrow().manifestDigest();
        Policy atOnce = TestingPolicy.withdrawal(WithdrawalResponse.AT_ONCE, Timing.any());
        Wanted wanted = offered(Set.of(running), List.of());
        assertHeld(plan(wanted, TestingPolicy.held(atOnce), FRIDAY), Rule.HOLD);
    }

    private static String utc(String text) {
        return text.replace("+00:00", "Z");
    }

    private static Policy aged(Duration minimumAge) {
        return TestingPolicy.timed(
                new Timing(
                        MaintenanceWindows.always(BERLIN), StagingTime.WINDOW, minimumAge, true));
    }

    private static Wanted offered() {
        return offered(Set.of(), List.of());
    }

    private static Wanted offered(Set<String> withdrawn, List<Wave> waves) {
        return new Wanted(
                "2", By.CHANNEL, Optional.of(new Offer("2", 1, List.of(), withdrawn, waves)));
    }

    private static Decision plan(Wanted wanted, Policy policy, Instant now) {
        return UpdatePlanner.plan(HOST, wanted, NEXT, policy, now);
    }

    private static void assertProceeds(Decision decision) {
        assertInstanceOf(Decision.Proceed.class, decision, decision::line);
    }

    private static void assertHeld(Decision decision, Rule rule) {
        assertEquals(Set.of(rule), reasons(decision), decision::line);
    }

    private static RuleResult held(Decision decision, Rule rule) {
        assertHeld(decision, rule);
        return decision.rules().stream().filter(it -> !it.passed()).findFirst().orElseThrow();
    }

    private static Set<Rule> reasons(Decision decision) {
        return Set.copyOf(
                decision.rules().stream()
                        .filter(it -> !it.passed())
                        .map(RuleResult::rule)
                        .toList());
    }
}
