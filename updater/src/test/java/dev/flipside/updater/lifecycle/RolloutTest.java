package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.repository.Channel.Wave;
import dev.flipside.updater.lifecycle.Wanted.By;
import dev.flipside.updater.lifecycle.Wanted.Offer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may go to a release, and when. */
final class RolloutTest {
    private static final Instant FIRST = Instant.parse("2026-11-20T06:00:00Z");
    private static final Instant LAST = Instant.parse("2026-11-21T06:00:00Z");
    private static final List<Wave> WAVES = List.of(new Wave(FIRST, 5), new Wave(LAST, 100));
    private static final ReleaseRef RELEASE = LifecycleTable.release("2", 'b');
    private static final int HOSTS = 10_000;

    private static Wanted wanted(By by, Set<String> withdrawn, List<Wave> waves) {
        return new Wanted("2", by, Optional.of(new Offer("2", 1, List.of(), withdrawn, waves)));
    }

    private static Set<Rule> holding(HostFacts host, Wanted wanted, Instant now) {
        return Set.copyOf(
                Rollout.rules(host, wanted, RELEASE, TestingPolicy.free(), now).stream()
                        .filter(result -> !result.passed())
                        .map(RuleResult::rule)
                        .toList());
    }

    private static HostFacts host(int place) {
        return TestingHost.usual().facts(idWithPlace(place));
    }

    private static Optional<String> idWithPlace(int percent) {
        return ids(1).filter(id -> Rollout.place(Optional.of(id), RELEASE) / 100 == percent)
                .findFirst();
    }

    private static Stream<String> ids(long seed) {
        Random random = new Random(seed);
        return Stream.generate(
                () -> {
                    byte[] id = new byte[16];
                    random.nextBytes(id);
                    return HexFormat.of().formatHex(id);
                });
    }

    @Test
    void holdsAHostUntilItsWave() {
        Wanted wanted = wanted(By.CHANNEL, Set.of(), WAVES);
        assertEquals(Set.of(Rule.WAVE), holding(host(4), wanted, FIRST.minusSeconds(1)));
        assertEquals(Set.of(), holding(host(4), wanted, FIRST));
        assertEquals(Set.of(Rule.WAVE), holding(host(5), wanted, LAST.minusSeconds(1)));
        assertEquals(Set.of(), holding(host(5), wanted, LAST));
    }

    @Test
    void holdsAHostForWhichThereIsNoWaveYet() {
        Wanted wanted = wanted(By.CHANNEL, Set.of(), WAVES.subList(0, 1));
        assertEquals(Set.of(Rule.WAVE), holding(host(5), wanted, LAST));
        HostFacts nameless = TestingHost.usual().facts(Optional.empty());
        assertEquals(Set.of(Rule.WAVE), holding(nameless, wanted, LAST));
        assertEquals(Set.of(), holding(nameless, wanted(By.CHANNEL, Set.of(), WAVES), LAST));
    }

    @Test
    void letsAnOperatorAndAPinGoAhead() {
        for (By by : List.of(By.OPERATOR, By.PIN)) {
            assertEquals(Set.of(), holding(host(5), wanted(by, Set.of(), WAVES), Instant.EPOCH));
        }
    }

    @Test
    void holdsWhatTheChannelHasWithdrawnWhoeverNamesIt() {
        String digest = RELEASE.signed().orElseThrow().manifestDigest();
        for (By by : By.values()) {
            Wanted wanted = wanted(by, Set.of(digest), List.of());
            assertEquals(Set.of(Rule.WITHDRAWN), holding(host(0), wanted, LAST));
        }
    }

    @Test
    void leavesAWithdrawnReleaseBeforeItsWave() {
        HostFacts host = host(5);
        String running =
                host.booted().release().flatMap(ReleaseRef::signed).orElseThrow().manifestDigest();
        Wanted wanted = wanted(By.CHANNEL, Set.of(running), WAVES);
        assertEquals(Set.of(), holding(host, wanted, Instant.EPOCH));
    }

    @Test
    void givesEveryHostAPlaceOfItsOwnInEachRollout() {
        ReleaseRef next = LifecycleTable.release("3", 'c');
        List<Optional<String>> hosts = ids(2).limit(HOSTS).map(Optional::of).toList();
        IntStream early = hosts.stream().mapToInt(id -> Rollout.place(id, RELEASE));
        long tenth = early.filter(place -> place < 1000).count();
        // 1000 of 10000 with a deviation of 30.
        assertTrue(tenth > 850 && tenth < 1150, "a tenth is " + tenth);
        long both =
                hosts.stream()
                        .filter(id -> Rollout.place(id, RELEASE) < 1000)
                        .filter(id -> Rollout.place(id, next) < 1000)
                        .count();
        assertTrue(both > 50 && both < 150, "first twice: " + both);
    }
}
