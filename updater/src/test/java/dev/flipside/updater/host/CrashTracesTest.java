package dev.flipside.updater.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CrashTracesTest {
    private static final Instant SINCE = Instant.ofEpochSecond(1_790_000_000);
    private static final String DUMP =
            """
            Panic#1 Part1
            <6>[    1.0] systemd[1]: hello
            <3>[    2.0] device-mapper: verity: 254:3: data block 7 is corrupted
            <0>[    2.1] Kernel panic - not syncing: dm-verity device corrupted
            <4>[    2.2] CPU: 0 UID: 0 PID: 1
            """;

    @TempDir Path root;

    @Test
    void findsNothingOnMostMachines() {
        assertEquals(CrashTraces.none(), CrashTraces.read(root, SINCE));
    }

    @Test
    void findsThePanicThatSystemdHasArchived() throws IOException {
        put("var/lib/systemd/pstore/1790000100/001/dmesg.txt", DUMP);
        put("var/lib/systemd/pstore/1790000050/001/dmesg.txt", "Kernel panic - an earlier one\n");
        CrashTraces.Panic panic = CrashTraces.read(root, SINCE).panic().orElseThrow();
        assertEquals(Instant.ofEpochSecond(1_790_000_100), panic.at());
        assertEquals(
                List.of(
                        "[    2.0] device-mapper: verity: 254:3: data block 7 is corrupted",
                        "[    2.1] Kernel panic - not syncing: dm-verity device corrupted",
                        "[    2.2] CPU: 0 UID: 0 PID: 1"),
                panic.lines());
    }

    @Test
    void findsAPanicThatStillStandsInThePstore() throws IOException {
        put("sys/fs/pstore/dmesg-efi_pstore-179000010001001", DUMP);
        assertEquals(
                Instant.ofEpochSecond(1_790_000_100),
                CrashTraces.read(root, SINCE).panic().orElseThrow().at());
    }

    @Test
    void leavesOutWhatIsOlderOrWasSurvivedOrCannotBeRead() throws IOException {
        put("var/lib/systemd/pstore/1789999999/001/dmesg.txt", DUMP);
        put("var/lib/systemd/pstore/1790000100/001/dmesg.txt", "Oops#1 Part1\n<4>Oops: 0002\n");
        put("var/lib/systemd/pstore/abc/001/dmesg.txt", DUMP);
        put("var/lib/systemd/pstore/1790000200/001/dmesg.txt", "x".repeat(2 << 20));
        put("sys/fs/pstore/dmesg-efi-1", DUMP);
        assertEquals(Optional.empty(), CrashTraces.read(root, SINCE).panic());
    }

    @Test
    void boundsWhatAKernelSays() throws IOException {
        put("var/lib/systemd/pstore/1790000100/001/dmesg.txt", DUMP + "line\n".repeat(10_000));
        assertTrue(CrashTraces.read(root, SINCE).panic().orElseThrow().lines().size() <= 12);
    }

    @Test
    void asksTheWatchdogWhetherItHasResetTheMachine() throws IOException {
        put("sys/class/watchdog/watchdog0/bootstatus", "0\n");
        assertEquals(Optional.empty(), CrashTraces.read(root, SINCE).watchdog());
        put("sys/class/watchdog/watchdog0/bootstatus", "32\n");
        put("sys/class/watchdog/watchdog0/identity", "i6300ESB timer\n");
        assertEquals(
                Optional.of("watchdog0 (i6300ESB timer) says that it reset the machine"),
                CrashTraces.read(root, SINCE).watchdog());
    }

    private void put(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
