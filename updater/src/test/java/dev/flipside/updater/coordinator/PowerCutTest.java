package dev.flipside.updater.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.updater.lifecycle.BootStanding;
import dev.flipside.updater.lifecycle.UpdateState;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Cuts the power during every single write of a whole update, restarts, and goes on: the host
 * always boots a whole image, and the update can always be brought to its end. Stories that share
 * most of their writes with it are cut at every second one.
 */
final class PowerCutTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));
    private static final long SEED = 11;

    private final TestRepository repository =
            new TestRepository(
                    TestRelease.of("1", 1, true),
                    TestRelease.of("2", 2, true),
                    TestRelease.of("3", 2, false));

    /** What a host does while its power may go. */
    @FunctionalInterface
    private interface Story {
        void tell(SmallHost host) throws IOException, FlipsideException;
    }

    @Test
    void survivesACutDuringEveryWriteOfAnUpdateThatIsKept() throws Exception {
        SmallHost start = committed();
        cutAtEvery(
                1,
                start,
                host -> {
                    update(host);
                    host.bootUntilHealthy(CLOCK);
                    assertRuns(host, "2");
                },
                (host, where) -> {
                    String runs = settled(host, where);
                    assertTrue(List.of("1", "2").contains(runs), where);
                    host.coordinator(CLOCK).afterBoot();
                    finish(host, where);
                    assertEquals("2", settled(host, where), where);
                    String state = host.coordinator(CLOCK).status().memory().state().name();
                    assertTrue(List.of("committed", "idle").contains(state), where + ": " + state);
                });
    }

    @Test
    void survivesCutsDuringAnUpdateThatUndoesItself() throws Exception {
        SmallHost start = committed();
        repository.offer("3");
        cutAtEvery(
                2,
                start,
                host -> {
                    update(host);
                    host.bootUntilHealthy(CLOCK);
                    assertRuns(host, "1");
                },
                (host, where) -> {
                    assertEquals("1", settled(host, where), where);
                    finish(host, where);
                    assertEquals("1", settled(host, where), where);
                    assertTrue(
                            host.coordinator(CLOCK).status().memory().setbacks().stream()
                                    .anyMatch(it -> it.rejects()),
                            where);
                });
    }

    @Test
    void survivesCutsDuringARollbackByTheOperator() throws Exception {
        cutAtEvery(
                2,
                updated(),
                host -> {
                    host.coordinator(CLOCK).rollback();
                    host.bootUntilHealthy(CLOCK);
                    assertRuns(host, "1");
                },
                (host, where) ->
                        assertTrue(List.of("1", "2").contains(settled(host, where)), where));
    }

    @Test
    void survivesCutsWhileARollbackIsTakenBackWithBothSlotsBootable() throws Exception {
        cutAtEvery(
                1,
                updated(),
                host -> {
                    host.coordinator(CLOCK).rollback();
                    host.coordinator(CLOCK).rollback();
                    host.bootUntilHealthy(CLOCK);
                    assertRuns(host, "2");
                },
                (host, where) -> {
                    assertTrue(List.of("1", "2").contains(settled(host, where)), where);
                    assertEquals(2, host.entryNames().size(), where);
                });
    }

    @Test
    void survivesACutDuringEveryWriteOfAnActivationWhereThePrimaryTableIsTorn() throws Exception {
        SmallHost staged = committed();
        staged.coordinator(CLOCK).stage(Optional.empty());
        staged.disk.rot(SmallHost.SECTOR_BYTES + 16, 1);
        // Which of the sectors of a table survive a cut is a matter of chance.
        for (long seed = 0; seed < 12; seed++) {
            cutAtEvery(
                    1,
                    staged,
                    seed,
                    host -> host.coordinator(CLOCK).activate(),
                    (host, where) ->
                            assertTrue(List.of("1", "2").contains(settled(host, where)), where));
        }
    }

    @Test
    void survivesASecondCutWhileItRecovers() throws Exception {
        SmallHost start = committed();
        long writes = writesOf(start, this::wholeUpdate);
        for (long first = 1; first < writes; first += 11) {
            for (long second = 1; second < 12; second += 4) {
                SmallHost host = start.copy(first * 100 + second);
                String where = "cut after %d writes, then after %d".formatted(first, second);
                cut(host, first, this::wholeUpdate);
                cut(host, second, it -> it.bootUntilHealthy(CLOCK));
                host.powerOn(PowerLine.steady());
                assertTrue(List.of("1", "2").contains(settled(host, where)), where);
                finish(host, where);
                assertEquals("2", settled(host, where), where);
            }
        }
    }

    private void wholeUpdate(SmallHost host) throws IOException, FlipsideException {
        update(host);
        host.bootUntilHealthy(CLOCK);
    }

    /** What must hold of a host that lost its power at some write. */
    @FunctionalInterface
    private interface Aftermath {
        void check(SmallHost host, String where) throws IOException, FlipsideException;
    }

    private static void cutAtEvery(int step, SmallHost start, Story story, Aftermath aftermath)
            throws Exception {
        cutAtEvery(step, start, SEED, story, aftermath);
    }

    private static void cutAtEvery(
            int step, SmallHost start, long seed, Story story, Aftermath aftermath)
            throws Exception {
        long writes = writesOf(start, story);
        assertTrue(writes > 20, () -> "only %d writes to cut".formatted(writes));
        for (long after = 0; after < writes; after += step) {
            SmallHost host = start.copy(seed);
            String where = "seed %d, cut after %d of %d writes".formatted(seed, after, writes);
            cut(host, after, story);
            host.powerOn(PowerLine.steady());
            aftermath.check(host, where);
        }
    }

    private static long writesOf(SmallHost start, Story story)
            throws IOException, FlipsideException {
        SmallHost host = start.copy(1);
        PowerLine line = PowerLine.steady();
        host.plugInto(line);
        story.tell(host);
        return line.operations();
    }

    private static void cut(SmallHost host, long afterWrites, Story story)
            throws IOException, FlipsideException {
        PowerLine line = PowerLine.cutAfter(afterWrites);
        host.powerOn(line);
        try {
            story.tell(host);
            assertTrue(!line.isCut(), "the cut was not noticed");
        } catch (PowerCut e) {
            assertTrue(line.isCut(), e.getMessage());
        }
    }

    /** Boots the host, and checks that it came to rest on a whole and committed release. */
    private static String settled(SmallHost host, String where)
            throws IOException, FlipsideException {
        SmallHost.Boot boot;
        try {
            boot = host.bootUntilHealthy(CLOCK);
        } catch (AssertionError | FlipsideException e) {
            return fail(where + ": " + host.entryNames(), e);
        }
        Status status = host.coordinator(CLOCK).status();
        assertEquals(BootStanding.COMMITTED, status.facts().standing(), where);
        assertEquals(
                boot.release().rootHash(),
                status.memory().running().orElseThrow().release().rootHash(),
                where);
        return boot.release().version();
    }

    /** Does what an operator would do: update again, if it is not done. */
    private static void finish(SmallHost host, String where) throws IOException, FlipsideException {
        try {
            UpdateState state = host.coordinator(CLOCK).status().memory().state();
            if (!(state instanceof UpdateState.RebootPending)) {
                Coordinator coordinator = host.coordinator(CLOCK);
                coordinator.stage(Optional.empty());
                if (coordinator.status().memory().state() instanceof UpdateState.Staged) {
                    coordinator.activate();
                }
            }
        } catch (FlipsideException e) {
            fail(where, e);
        }
    }

    /** It runs release 2, and has release 1 to fall back to. */
    private SmallHost updated() throws IOException, FlipsideException {
        SmallHost host = committed();
        update(host);
        host.bootUntilHealthy(CLOCK);
        return host;
    }

    private SmallHost committed() throws IOException, FlipsideException {
        SmallHost host = SmallHost.installed(repository, 7);
        host.bootUntilHealthy(CLOCK);
        repository.offer("2");
        return host;
    }

    private static void update(SmallHost host) throws FlipsideException {
        Coordinator coordinator = host.coordinator(CLOCK);
        coordinator.stage(Optional.empty());
        coordinator.activate();
    }

    private static void assertRuns(SmallHost host, String version) throws FlipsideException {
        assertEquals(
                version,
                host.coordinator(CLOCK)
                        .status()
                        .memory()
                        .running()
                        .orElseThrow()
                        .release()
                        .version());
    }
}
