package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.integration.SimulatedHost.Rest;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.updater.lifecycle.UpdateState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power fails in the middle of every part of an update, its trial and its commit. Whatever is
 * lost, the host boots a slot that is whole, and then gets to the end of the update.
 */
class PowerCutTest {
    private static final int CUTS = 60;
    private static final int MAX_CUTS_IN_A_ROW = 40;
    private static final int SEEDS_FACTOR = Integer.getInteger("flipside.seeds.factor", 1);

    @TempDir static Path vendor;
    private static Workbench bench;
    private static String first;
    private static String second;

    /** Runs release 1, committed; release 2 is what the channel offers. */
    private static FaultyHost ready;

    @TempDir Path folder;
    private int systems;

    @BeforeAll
    static void publishTwoReleases() throws Exception {
        bench = Workbench.open(vendor);
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        bench.publish("1");
        bench.publish("2");
        first = rootHash("1");
        second = rootHash("2");
        ready = FaultyHost.installed(bench.release("1"), vendor.resolve("system"), 1);
        assertEquals(first, runs(ready));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aCutInAnyOperationLeavesABootableHostThatFinishesTheUpdate(long seed) throws Exception {
        long operations = operations();
        assertTrue(operations > CUTS, () -> "only " + operations);
        long step = Math.max(1, operations / ((long) CUTS * SEEDS_FACTOR));
        SplittableRandom random = new SplittableRandom(seed);
        for (long cut = random.nextLong(step); cut < operations; cut += step) {
            String context = "seed %d, cut after operation %d".formatted(seed, cut);
            FaultyHost host = running(seed * 1_000_000 + cut);
            host.plugInto(PowerLine.cutAfter(cut));
            assertThrows(PowerCut.class, () -> updateAndBoot(host), context);
            host.powerOn(PowerLine.steady());
            assertBootsWhole(host, context);
            assertFinishes(host, context);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void cutsInARowNeverLeaveAHostThatDoesNotBoot(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        FaultyHost host = running(seed);
        for (int cuts = 0; cuts < MAX_CUTS_IN_A_ROW; cuts++) {
            String context = "seed %d, %d cuts before".formatted(seed, cuts);
            host.powerOn(PowerLine.cutAfter(random.nextLong(200)));
            try {
                host.powerOnAndSettle(bench.repository().toUri());
                updateAndBoot(host);
            } catch (PowerCut e) {
                host.powerOn(PowerLine.steady());
                assertWhole(host, context);
            }
        }
        host.powerOn(PowerLine.steady());
        assertBootsWhole(host, "seed " + seed);
        // Three trials that the power has ended look like a release that does not boot.
        host.allow(bench.repository().toUri(), "2");
        assertFinishes(host, "seed " + seed);
    }

    @Test
    void withoutACutTheUpdateNeedsOneBoot() throws Exception {
        FaultyHost host = running(5);
        Rest.Running running = assertInstanceOf(Rest.Running.class, updateAndBoot(host));
        assertEquals(1, running.boots());
        assertEquals(second, running.rootHash());
    }

    /** How many operations the whole takes: each of them is a place for a cut. */
    private long operations() throws Exception {
        FaultyHost host = running(7);
        PowerLine line = PowerLine.steady();
        host.plugInto(line);
        updateAndBoot(host);
        return line.operations();
    }

    private static Rest updateAndBoot(FaultyHost host) throws Exception {
        host.update(bench.repository().toUri());
        return host.powerOnAndSettle(bench.repository().toUri());
    }

    private static String runs(FaultyHost host) throws Exception {
        Rest rest = host.powerOnAndSettle(bench.repository().toUri());
        return assertInstanceOf(Rest.Running.class, rest, host.console::toString).rootHash();
    }

    private static void assertBootsWhole(FaultyHost host, String context) throws Exception {
        host.console.clear();
        Rest rest = host.powerOnAndSettle(bench.repository().toUri());
        Rest.Running running =
                assertInstanceOf(Rest.Running.class, rest, () -> context + " " + host.console);
        assertTrue(
                List.of(first, second).contains(running.rootHash()),
                () -> context + " " + host.console);
        assertEquals(1, running.boots(), () -> context + ": a try was spent " + host.console);
        assertWhole(host, context);
    }

    /** Every block of what the loader would start next is as its root hash says. */
    private static void assertWhole(FaultyHost host, String context) throws Exception {
        FaultyHost twin = host.copy(host.system.path().resolveSibling("twin"), 3);
        String rootHash = runs(twin);
        long blocks = SlotCheck.verifyAll(twin.disk, rootHash);
        assertTrue(blocks > 0, context);
    }

    private static void assertFinishes(FaultyHost host, String context) throws Exception {
        host.update(bench.repository().toUri());
        assertEquals(second, runs(host), () -> context + " " + host.console);
        UpdateState state = host.state();
        assertTrue(
                state instanceof UpdateState.Committed || state instanceof UpdateState.Idle,
                () -> context + " " + state);
        assertEquals(2, host.entries().size(), () -> context + " " + host.entries());
        assertTrue(
                host.esp.files().keySet().stream().noneMatch(it -> it.contains(".tmp-")),
                () -> context + " " + host.esp.files().keySet());
        assertWhole(host, context);
    }

    /** A host of its own that runs release 1. */
    private FaultyHost running(long seed) throws Exception {
        FaultyHost host = ready.copy(folder.resolve("system-" + systems++), seed);
        assertEquals(first, runs(host));
        return host;
    }

    private static String rootHash(String version) throws Exception {
        return ReleaseManifestJson.parse(
                        Files.readAllBytes(bench.release(version).resolve("release.json")))
                .verity()
                .rootHash();
    }
}
