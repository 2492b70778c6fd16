package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that finds a {@code /var} in which it cannot write loses nothing, and goes on later. */
@Timeout(300)
class BadVarTest {
    @TempDir static Path vendor;
    private static Workbench bench;
    private static Path disk;

    @TempDir Path folder;
    private Workbench.Host host;
    private VarOfItsOwn var;

    @BeforeAll
    static void publishTwoReleases() throws Exception {
        bench = Workbench.open(vendor).withTwoReleases();
        bench.publish("1");
        bench.publish("2");
        disk = bench.disk("1", "16MiB");
    }

    @BeforeEach
    void install() throws Exception {
        host = bench.install(disk, folder.resolve("host").toString(), bench.repository().toUri());
        host.boot();
        host.flipctl("pin", "2");
        var = new VarOfItsOwn(host);
    }

    @AfterEach
    void unmount() {
        var.close();
    }

    private Path state() {
        return host.folder().resolve("var/lib/flipside");
    }

    @Test
    void staysUpOnAFullVarAndUpdatesOnceThereIsRoom() throws Exception {
        var.fill();
        SortedMap<String, String> before = Workbench.contents(state());
        try (DaemonProcess daemon = DaemonProcess.start(host)) {
            daemon.awaitLog("\"code\":\"no-room\"");
            assertTrue(host.flipctl("status").contains("pinned to 2"));
            host.refuses(FailureCode.NO_ROOM, "unpin");
            host.refuses(FailureCode.NO_ROOM, "update");
            assertEquals(before, Workbench.contents(state()));
            var.makeRoom();
            host.flipctl("update");
            assertEquals(0, daemon.stop());
        }
        host.boot();
        host.expect("2", "1", "committed");
    }

    @Test
    void saysWhyItDoesNotStartOnAReadOnlyVarAndStartsLater() throws Exception {
        var.makeReadOnly(true);
        SortedMap<String, String> before = Workbench.contents(state());
        try (DaemonProcess daemon =
                DaemonProcess.launch(
                        host, DaemonProcess.MAIN, Map.of(), "--config", host.configuration())) {
            assertEquals(FailureCode.IO_FAILED.group().exitCode(), daemon.awaitEnd());
            String code = daemon.entries().getFirst().path("code").asText();
            assertEquals("io-failed", code, daemon::text);
            assertTrue(daemon.text().contains("Read-only file system"), daemon::text);
        }
        assertTrue(host.flipctl("status").contains("pinned to 2"), "asking needs no writing");
        host.refuses(FailureCode.IO_FAILED, "update");
        assertEquals(before, Workbench.contents(state()));
        var.makeReadOnly(false);
        try (DaemonProcess daemon = DaemonProcess.start(host)) {
            daemon.awaitLog("\"code\":\"reboot-pending\"");
            assertEquals(0, daemon.stop());
        }
    }

    @Test
    void keepsACorruptMemoryUntilThereIsRoomToKeepItAside() throws Exception {
        Path memory = state().resolve("state.json");
        byte[] corrupt = Files.readAllBytes(memory);
        corrupt[0] = 'x';
        Files.write(memory, corrupt);
        var.fill();
        SortedMap<String, String> before = Workbench.contents(state());
        try (DaemonProcess daemon =
                DaemonProcess.launch(
                        host, DaemonProcess.MAIN, Map.of(), "--config", host.configuration())) {
            assertEquals(FailureCode.NO_ROOM.group().exitCode(), daemon.awaitEnd());
            assertTrue(daemon.text().contains("\"code\":\"no-room\""), daemon::text);
        }
        assertEquals(before, Workbench.contents(state()));
        var.makeRoom();
        try (DaemonProcess daemon = DaemonProcess.start(host)) {
            assertTrue(host.flipctl("status").contains("pinned to 2"), host.flipctl("status"));
            assertArrayEquals(
                    corrupt, Files.readAllBytes(state().resolve("state.json.unreadable")));
            assertEquals(0, daemon.stop());
        }
    }
}
