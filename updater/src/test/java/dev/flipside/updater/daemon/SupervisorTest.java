package dev.flipside.updater.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.platform.DatagramInbox;
import dev.flipside.platform.UnixDatagram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SupervisorTest {
    @TempDir Path folder;

    @Test
    void tellsSystemdWhatItsManualAsksFor() throws Exception {
        String address = folder.resolve("notify").toString();
        try (DatagramInbox systemd = DatagramInbox.at(address);
                Supervisor supervisor = Supervisor.of(Map.of("NOTIFY_SOCKET", address), 1)) {
            supervisor.ready();
            supervisor.reloading(17);
            supervisor.alive();
            supervisor.stopping();
            for (String expected :
                    new String[] {
                        "READY=1", "RELOADING=1\nMONOTONIC_USEC=17", "WATCHDOG=1", "STOPPING=1"
                    }) {
                assertEquals(Optional.of(expected), systemd.next(1000));
            }
        }
    }

    @Test
    void losesNoWordToASystemdThatIsBehind() throws Exception {
        String address = folder.resolve("notify").toString();
        try (DatagramInbox systemd = DatagramInbox.at(address);
                UnixDatagram others = UnixDatagram.to(address);
                Supervisor supervisor = Supervisor.of(Map.of("NOTIFY_SOCKET", address), 1)) {
            int filled = systemd.fill(others);
            String word =
                    systemd.nextOfOneWhoWaits(
                            filled,
                            () -> {
                                supervisor.ready();
                                return null;
                            });
            assertEquals("READY=1", word);
        }
    }

    @Test
    void takesTheWatchdogThatIsMeantForThisProcess() throws Exception {
        assertEquals(Optional.of(Duration.ofSeconds(30)), watchdog("30000000", "7"));
        assertEquals(Optional.empty(), watchdog("30000000", "8"));
        assertEquals(Optional.empty(), watchdog("0", "7"));
        assertEquals(Optional.empty(), watchdog("soon", "7"));
        assertEquals(Optional.empty(), watchdog("", "7"));
    }

    private Optional<Duration> watchdog(String micros, String pid) throws IOException {
        try (Supervisor supervisor =
                Supervisor.of(
                        Map.of(
                                "NOTIFY_SOCKET",
                                folder.resolve("notify").toString(),
                                "WATCHDOG_USEC",
                                micros,
                                "WATCHDOG_PID",
                                pid),
                        7)) {
            return supervisor.watchdog();
        }
    }

    @Test
    void tellsNobodyWhereNobodyAsks() throws Exception {
        try (Supervisor supervisor = Supervisor.of(Map.of(), 1)) {
            supervisor.ready();
            assertEquals(Optional.empty(), supervisor.watchdog());
        }
    }

    @Test
    void saysThatASupervisorDoesNotListen() throws Exception {
        try (Supervisor supervisor =
                Supervisor.of(Map.of("NOTIFY_SOCKET", folder.resolve("gone").toString()), 1)) {
            assertThrows(IOException.class, supervisor::ready);
        }
    }
}
