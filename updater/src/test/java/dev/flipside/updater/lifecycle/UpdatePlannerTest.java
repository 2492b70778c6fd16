package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.updater.lifecycle.HostFacts.Room;
import dev.flipside.updater.lifecycle.Target.Intent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class UpdatePlannerTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Policy FREE = TestingPolicy.free();
    private static final HostFacts HOST = TestingHost.usual().facts();

    @Test
    void goesToWhatTheChannelNames() {
        Decision decision = plan(HOST, offered("2"), release("2", 'b'), FREE);
        Decision.Proceed proceed = assertInstanceOf(Decision.Proceed.class, decision);
        assertEquals(SlotName.B, proceed.target().slot());
        assertEquals(Intent.UPDATE, proceed.target().intent());
        assertEquals("2", proceed.target().release().version());
    }

    @Test
    void asksEveryRuleInOrder() {
        List<Rule> asked =
                plan(HOST, offered("2"), release("2", 'b'), FREE).rules().stream()
                        .map(RuleResult::rule)
                        .toList();
        assertEquals(
                List.of(
                        Rule.HOLD,
                        Rule.PIN,
                        Rule.CONFIGURATION,
                        Rule.NEWER_MANIFEST,
                        Rule.WRONG_PRODUCT,
                        Rule.WRONG_ARCHITECTURE,
                        Rule.WITHDRAWN,
                        Rule.WAVE,
                        Rule.MINIMUM_AGE,
                        Rule.FLOOR,
                        Rule.REJECTED,
                        Rule.SAME_ROOT_HASH,
                        Rule.WINDOW,
                        Rule.NOT_COMMITTED,
                        Rule.FOREIGN_BOOT_ENTRY,
                        Rule.DISK_NOT_GROWN,
                        Rule.TEMPORARY_STATE,
                        Rule.NO_SLOT_ROOM,
                        Rule.NO_ESP_ROOM,
                        Rule.NO_STATE_ROOM),
                asked);
    }

    @Test
    void hasNothingToDoWhenTheOfferedReleaseRuns() {
        Decision decision = plan(HOST, offered("1"), release("1", 'a'), FREE);
        assertInstanceOf(Decision.Nothing.class, decision);
    }

    @Test
    void goesDownWhenTheChannelDoes() {
        HostFacts host = TestingHost.usual().booted("9", 'c').facts();
        assertInstanceOf(Decision.Proceed.class, plan(host, offered("2"), release("2", 'b'), FREE));
    }

    @Test
    void activatesNothingThatItsChannelHasWithdrawnSinceItWasStaged() {
        Target staged = new Target(LifecycleTable.RELEASE, SlotName.B, Intent.UPDATE);
        assertInstanceOf(
                Decision.Proceed.class, UpdatePlanner.planActivation(HOST, staged, FREE, NOW));
        HostFacts host = TestingHost.usual().withdrawn(LifecycleTable.RELEASE);
        assertHeld(UpdatePlanner.planActivation(host, staged, FREE, NOW), Rule.WITHDRAWN);
    }

    @Test
    void aHoldHoldsEverything() {
        Policy policy = TestingPolicy.held();
        assertHeld(plan(HOST, offered("2"), release("2", 'b'), policy), Rule.HOLD);
    }

    @Test
    void aPinHoldsWhatTheOperatorAsksForElse() {
        Policy policy = TestingPolicy.pinned("1");
        Wanted wanted = Wanted.of(policy, Optional.of("2"), Optional.empty()).orElseThrow();
        assertHeld(plan(HOST, wanted, release("2", 'b'), policy), Rule.PIN);
    }

    @Test
    void aPinGoesBeforeTheChannel() {
        Policy policy = TestingPolicy.pinned("2");
        Wanted wanted = Wanted.of(policy, Optional.empty(), offer("3")).orElseThrow();
        assertEquals("2", wanted.version());
        assertInstanceOf(Decision.Proceed.class, plan(HOST, wanted, release("2", 'b'), policy));
    }

    @Test
    void aPinThatKeepsTheHostFromItsChannelIsNamed() {
        Policy policy = TestingPolicy.pinned("1");
        Wanted wanted = Wanted.of(policy, Optional.empty(), offer("3")).orElseThrow();
        Decision decision = plan(HOST, wanted, release("1", 'a'), policy);
        assertHeld(decision, Rule.PIN);
        assertEquals("3", ((Decision.Hold) decision).version());
    }

    @Test
    void holdsAManifestThatOnlyANewerUpdaterCanRead() {
        Candidate newer = new Candidate.NewerFormat("2", "2");
        assertHeld(plan(HOST, offered("2"), newer, FREE), Rule.NEWER_MANIFEST);
        Candidate needs = new Candidate.Found(manifest("2", 'b', 1, 2), "d".repeat(64));
        assertHeld(plan(HOST, offered("2"), needs, FREE), Rule.NEWER_MANIFEST);
    }

    @Test
    void holdsAnotherProductAndAnotherArchitecture() {
        HostFacts other = TestingHost.usual().product("else").facts();
        assertHeld(plan(other, offered("2"), release("2", 'b'), FREE), Rule.WRONG_PRODUCT);
        HostFacts arm = TestingHost.usual().architecture(Architecture.ARM64).facts();
        assertHeld(plan(arm, offered("2"), release("2", 'b'), FREE), Rule.WRONG_ARCHITECTURE);
    }

    @Test
    void holdsWhatIsBelowTheFloorOfHostOrChannel() {
        HostFacts host = TestingHost.usual().floor(2).facts();
        assertHeld(plan(host, offered("2"), release("2", 'b'), FREE), Rule.FLOOR);
        Wanted wanted =
                Wanted.of(FREE, Optional.empty(), Optional.of(new Wanted.Offer("2", 2)))
                        .orElseThrow();
        assertHeld(plan(HOST, wanted, release("2", 'b'), FREE), Rule.FLOOR);
    }

    @Test
    void holdsARejectedReleaseByTheDigestOfItsManifest() {
        Candidate.Found candidate = release("2", 'b');
        RollbackReason reason =
                new RollbackReason(RollbackReason.Cause.HEALTH_CHECK_FAILED, List.of());
        Setback setback = new Setback(candidate.reference(), reason, NOW, true);
        HostFacts host = TestingHost.usual().setbacks(setback).facts();
        assertHeld(plan(host, offered("2"), candidate, FREE), Rule.REJECTED);
        Candidate.Found rebuilt = new Candidate.Found(candidate.manifest(), "9".repeat(64));
        assertInstanceOf(Decision.Proceed.class, plan(host, offered("2"), rebuilt, FREE));
        Setback once = new Setback(candidate.reference(), reason, NOW, false);
        HostFacts forgiving = TestingHost.usual().setbacks(once).facts();
        assertInstanceOf(Decision.Proceed.class, plan(forgiving, offered("2"), candidate, FREE));
    }

    @Test
    void holdsAnotherVersionWithTheRootHashThatRuns() {
        assertHeld(plan(HOST, offered("2"), release("2", 'a'), FREE), Rule.SAME_ROOT_HASH);
    }

    @Test
    void holdsUntilTheBootedReleaseIsCommitted() {
        for (BootStanding standing :
                List.of(
                        BootStanding.UNDER_TRIAL,
                        BootStanding.UNCOUNTED,
                        BootStanding.GOOD,
                        BootStanding.UNKNOWN)) {
            HostFacts host = TestingHost.usual().standing(standing).facts();
            assertHeld(plan(host, offered("2"), release("2", 'b'), FREE), Rule.NOT_COMMITTED);
        }
    }

    @Test
    void holdsOnForeignEntriesAndOnADefault() {
        HostFacts foreign = TestingHost.usual().foreign("EFI/Linux/other.efi").facts();
        assertHeld(plan(foreign, offered("2"), release("2", 'b'), FREE), Rule.FOREIGN_BOOT_ENTRY);
        HostFacts byDefault = TestingHost.usual().loaderDefault("flipside-*").facts();
        assertHeld(plan(byDefault, offered("2"), release("2", 'b'), FREE), Rule.FOREIGN_BOOT_ENTRY);
    }

    @Test
    void holdsOnADiskThatHasGrown() {
        HostFacts host = TestingHost.usual().grown().facts();
        assertHeld(plan(host, offered("2"), release("2", 'b'), FREE), Rule.DISK_NOT_GROWN);
    }

    @Test
    void holdsWhileVarIsATemporaryOne() {
        HostFacts host = TestingHost.usual().withTemporaryState();
        assertHeld(plan(host, offered("2"), release("2", 'b'), FREE), Rule.TEMPORARY_STATE);
    }

    @Test
    void holdsWhereThereIsNoRoom() {
        assertHeld(
                plan(
                        TestingHost.usual().slot(4096, 1 << 20).facts(),
                        offered("2"),
                        release("2", 'b'),
                        FREE),
                Rule.NO_SLOT_ROOM);
        assertHeld(
                plan(
                        TestingHost.usual().slot(1 << 20, 4096).facts(),
                        offered("2"),
                        release("2", 'b'),
                        FREE),
                Rule.NO_SLOT_ROOM);
        assertHeld(
                plan(
                        TestingHost.usual().room(new Room(1, 1, Set.of(), 1L << 30)).facts(),
                        offered("2"),
                        release("2", 'b'),
                        FREE),
                Rule.NO_ESP_ROOM);
        assertHeld(
                plan(
                        TestingHost.usual().room(new Room(1L << 30, 0, Set.of(), 1)).facts(),
                        offered("2"),
                        release("2", 'b'),
                        FREE),
                Rule.NO_STATE_ROOM);
    }

    @Test
    void countsWhatTheOldUkiGivesBackAndTheUkiThatIsThere() {
        long ukiBytes = 1 << 20;
        long margin = HostRules.ESP_MARGIN_BYTES;
        HostFacts reclaiming =
                TestingHost.usual().room(new Room(margin, ukiBytes, Set.of(), 1L << 30)).facts();
        assertInstanceOf(
                Decision.Proceed.class, plan(reclaiming, offered("2"), release("2", 'b'), FREE));
        HostFacts oneByteShort =
                TestingHost.usual()
                        .room(new Room(margin, ukiBytes - 1, Set.of(), 1L << 30))
                        .facts();
        assertHeld(plan(oneByteShort, offered("2"), release("2", 'b'), FREE), Rule.NO_ESP_ROOM);
        HostFacts present =
                TestingHost.usual()
                        .room(new Room(margin, 0, Set.of("b".repeat(64)), 1L << 30))
                        .facts();
        assertInstanceOf(
                Decision.Proceed.class, plan(present, offered("2"), release("2", 'b'), FREE));
    }

    @Test
    void namesEveryRuleThatHolds() {
        Policy policy = TestingPolicy.held(TestingPolicy.pinned("1"));
        Wanted wanted = Wanted.of(policy, Optional.of("2"), Optional.empty()).orElseThrow();
        HostFacts host = TestingHost.usual().floor(9).grown().facts();
        Decision.Hold hold =
                assertInstanceOf(
                        Decision.Hold.class, plan(host, wanted, release("2", 'b'), policy));
        assertEquals(
                List.of(Rule.HOLD, Rule.PIN, Rule.FLOOR, Rule.DISK_NOT_GROWN),
                hold.reasons().stream().map(RuleResult::rule).toList());
        hold.reasons().forEach(it -> assertTrue(!it.change().isEmpty(), it::line));
    }

    @Test
    void goesNowhereByAConfigurationThatWasNotUnderstoodButBackWhenTold() {
        Policy policy = TestingPolicy.misread(RebootStrategy.NEVER);
        ReleaseRef two = release("2", 'b').reference();
        Decision update = plan(HOST, offered("2"), release("2", 'b'), policy);
        assertHeld(update, Rule.CONFIGURATION);
        assertTrue(update.line().contains("flipside.toml, line 3"), update.line());
        Target staged = new Target(two, SlotName.B, Intent.UPDATE);
        assertHeld(UpdatePlanner.planActivation(HOST, staged, policy, NOW), Rule.CONFIGURATION);
        assertInstanceOf(
                Decision.Proceed.class, UpdatePlanner.planRollback(HOST, Optional.of(two), policy));
    }

    @Test
    void doesNotActivateWhatWasPutOnHoldMeanwhile() {
        Policy policy = TestingPolicy.held();
        Target staged = new Target(release("2", 'b').reference(), SlotName.B, Intent.UPDATE);
        assertHeld(UpdatePlanner.planActivation(HOST, staged, policy, NOW), Rule.HOLD);
        assertInstanceOf(
                Decision.Proceed.class, UpdatePlanner.planActivation(HOST, staged, FREE, NOW));
    }

    @Test
    void rollsBackInSpiteOfAHoldButNotBelowTheFloor() {
        Policy held = TestingPolicy.held();
        Optional<ReleaseRef> other = Optional.of(release("2", 'b').reference());
        Decision decision = UpdatePlanner.planRollback(HOST, other, held);
        assertEquals(
                Intent.ROLLBACK,
                assertInstanceOf(Decision.Proceed.class, decision).target().intent());
        HostFacts floor = TestingHost.usual().floor(2).facts();
        assertHeld(UpdatePlanner.planRollback(floor, other, held), Rule.FLOOR);
        assertHeld(
                UpdatePlanner.planRollback(HOST, Optional.empty(), FREE),
                Rule.NOTHING_TO_RETURN_TO);
    }

    @Test
    void returnsToWhatAnOperatorLeftButNotToWhatFailed() {
        ReleaseRef two = release("2", 'b').reference();
        Setback left =
                new Setback(
                        two,
                        new RollbackReason(RollbackReason.Cause.OPERATOR, List.of()),
                        NOW,
                        true);
        HostFacts host = TestingHost.usual().setbacks(left).facts();
        assertInstanceOf(
                Decision.Proceed.class, UpdatePlanner.planRollback(host, Optional.of(two), FREE));
        Setback failed =
                new Setback(
                        two,
                        new RollbackReason(
                                RollbackReason.Cause.NEVER_REACHED_USER_SPACE, List.of()),
                        NOW,
                        true);
        HostFacts burnt = TestingHost.usual().setbacks(failed).facts();
        assertHeld(UpdatePlanner.planRollback(burnt, Optional.of(two), FREE), Rule.REJECTED);
    }

    private static void assertHeld(Decision decision, Rule... rules) {
        Decision.Hold hold = assertInstanceOf(Decision.Hold.class, decision);
        assertEquals(List.of(rules), hold.reasons().stream().map(RuleResult::rule).toList());
    }

    private static Decision plan(
            HostFacts host, Wanted wanted, Candidate candidate, Policy policy) {
        return UpdatePlanner.plan(host, wanted, candidate, policy, NOW);
    }

    private static Optional<Wanted.Offer> offer(String version) {
        return Optional.of(new Wanted.Offer(version, 1));
    }

    private static Wanted offered(String version) {
        return Wanted.of(FREE, Optional.empty(), offer(version)).orElseThrow();
    }

    private static Candidate.Found release(String version, char hex) {
        return new Candidate.Found(manifest(version, hex, 1, 1), String.valueOf(hex).repeat(64));
    }

    private static ReleaseManifest manifest(
            String version, char hex, int securityVersion, int updaterFormat) {
        String digest = String.valueOf(hex).repeat(64);
        return new ReleaseManifest(
                "demo",
                version,
                Architecture.X86_64,
                securityVersion,
                NOW,
                new ReleaseManifest.Verity(
                        Usage.ROOT, "00", "00000000-0000-0000-0000-000000000000", digest, 16),
                List.of(new Artifact(Artifact.Role.UKI, "demo.efi", 1 << 20, digest)),
                16 * 4096,
                2 * 4096,
                updaterFormat);
    }
}
