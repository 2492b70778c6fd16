package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.BlockDevice;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.HostEffects;
import dev.flipside.updater.coordinator.Status;
import dev.flipside.updater.lifecycle.UpdateState;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon's process gets signal 9 before every single write to its journal, and is started
 * again: each time the update ends well, and until then the slot that runs is whole.
 */
@Timeout(1200)
class KilledDaemonTest {
    private static final int SIGKILL_EXIT = 128 + 9;
    private static final int MAX_WRITES = 200;

    @TempDir static Path vendor;
    private static Workbench bench;
    private static Path disk;
    private static String first;
    private static String second;

    @TempDir Path folder;

    @BeforeAll
    static void publishTwoReleases() throws Exception {
        bench = Workbench.open(vendor).withTwoReleases();
        bench.publish("1");
        bench.publish("2");
        disk = bench.disk("1", "16MiB");
        first = rootHash("1");
        second = rootHash("2");
    }

    private static String rootHash(String version) throws Exception {
        return ReleaseManifestJson.parse(
                        Files.readAllBytes(bench.release(version).resolve("release.json")))
                .verity()
                .rootHash();
    }

    private Workbench.Host host() {
        return new Workbench.Host(folder.resolve("host"));
    }

    private Path saved() {
        return folder.resolve("saved");
    }

    /** Release 1 runs and is committed. */
    private void install() throws IOException {
        bench.install(disk, host().folder().toString(), bench.repository().toUri()).boot();
    }

    @Test
    void anUpdateEndsWellWhereverItsDaemonIsKilled() throws Exception {
        install();
        save();
        int writes = 0;
        while (isKilledBeforeWrite(writes)) {
            String context = "killed before write " + writes;
            assertWhole(first, context);
            if (writes % 3 == 0) {
                // And again, at another place.
                isKilledBeforeWrite(writes / 2 + 1);
                assertWhole(first, context);
            }
            runToItsEnd();
            assertWhole(first, context);
            assertEquals(second, powerOn(true), context);
            assertCommitted(context);
            restore();
            writes++;
        }
        int all = writes;
        System.out.printf("an update, killed before each of %d writes%n", all);
        assertTrue(all > 15, () -> "only %d writes".formatted(all));
    }

    @Test
    void aCommitEndsWellWhereverItsDaemonIsKilled() throws Exception {
        install();
        runToItsEnd();
        assertEquals(second, powerOn(false));
        save();
        int writes = 0;
        while (isKilledBeforeWrite(writes)) {
            String context = "killed before write " + writes;
            assertWhole(first, context);
            assertWhole(second, context);
            isKilledBeforeWrite(writes / 2 + 1);
            runToItsEnd();
            assertCommitted(context);
            assertEquals(second, powerOn(true), context);
            assertWhole(first, context);
            restore();
            writes++;
        }
        int all = writes;
        System.out.printf("a commit, killed before each of %d writes%n", all);
        assertTrue(all > 5, () -> "only %d writes".formatted(all));
    }

    /**
     * Starts the daemon.
     *
     * @return false when it has done all that there was to do, with fewer writes
     */
    private boolean isKilledBeforeWrite(int writes) throws Exception {
        assertTrue(writes < MAX_WRITES, "it writes for ever");
        try (DaemonProcess daemon =
                DaemonProcess.launch(
                        host(),
                        DyingDaemon.class.getName(),
                        Map.of(),
                        writes,
                        host().configuration())) {
            daemon.awaitLogOrEnd("\"event\":\"poll\"");
            if (daemon.isAlive()) {
                return false;
            }
            assertEquals(SIGKILL_EXIT, daemon.awaitEnd(), daemon::text);
            return true;
        }
    }

    private void runToItsEnd() throws IOException {
        try (DaemonProcess daemon = DaemonProcess.start(host())) {
            daemon.awaitLog("\"event\":\"poll\"");
        }
    }

    /** Presses the power button; with or without a daemon that settles the boot. */
    private String powerOn(boolean settles) throws Exception {
        InstantSource clock = InstantSource.system();
        UpdaterConfig config = ConfigFile.load(host().configuration());
        try (HostRuntime runtime = HostRuntime.open(config, clock, progress -> {})) {
            HostEffects effects = runtime.effects();
            SimulatedHost.Machine machine =
                    new SimulatedHost.Machine(
                            effects.disk(),
                            effects.esp(),
                            effects.state(),
                            new SystemFolder(host().folder().resolve("system")),
                            config.health().folders(),
                            () ->
                                    settles
                                            ? runtime.coordinator().afterBoot()
                                            : runtime.coordinator().status());
            SimulatedHost.Rest rest = new SimulatedHost(machine, clock, line -> {}).powerOn();
            return assertInstanceOf(SimulatedHost.Rest.Running.class, rest).rootHash();
        }
    }

    private void assertCommitted(String context) throws Exception {
        UpdaterConfig config = ConfigFile.load(host().configuration());
        try (HostRuntime runtime =
                HostRuntime.open(config, InstantSource.system(), progress -> {})) {
            Status status = runtime.coordinator().status();
            UpdateState state = status.memory().state();
            assertTrue(
                    state instanceof UpdateState.Committed || state instanceof UpdateState.Idle,
                    () -> context + ": " + state);
            assertEquals(
                    Optional.of(second),
                    status.memory().running().map(it -> it.release().rootHash()),
                    context);
        }
    }

    private void assertWhole(String rootHash, String context) throws Exception {
        UpdaterConfig config = ConfigFile.load(host().configuration());
        try (HostRuntime runtime =
                        HostRuntime.open(config, InstantSource.system(), progress -> {});
                BlockDevice device = runtime.effects().disk().openForReading()) {
            assertTrue(SlotCheck.verifyAll(device, rootHash) > 0, context);
        }
    }

    private void save() throws Exception {
        copy(host().folder(), saved());
    }

    private void restore() throws Exception {
        copy(saved(), host().folder());
    }

    /** The configuration names the folder, so that a host is only ever restored in its place. */
    private static void copy(Path from, Path to) throws Exception {
        for (List<String> line :
                List.of(
                        List.of("rm", "-rf", to.toString()),
                        List.of("cp", "-a", "--sparse=always", from.toString(), to.toString()))) {
            assertEquals(0, new ProcessBuilder(line).inheritIO().start().waitFor(), line::toString);
        }
    }
}
