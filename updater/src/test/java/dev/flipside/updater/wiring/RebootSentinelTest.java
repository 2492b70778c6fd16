package dev.flipside.updater.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RebootSentinelTest {
    @TempDir Path folder;

    @Test
    void isThereWhileARebootIsWanted() throws IOException {
        Path file = folder.resolve("run/reboot-required");
        RebootSentinel sentinel = new RebootSentinel(file);
        sentinel.announce(false);
        assertFalse(Files.exists(file));
        sentinel.announce(true);
        sentinel.announce(true);
        assertTrue(Files.exists(file));
        new RebootSentinel(file).announce(false);
        assertFalse(Files.exists(file));
    }

    @Test
    void leavesAloneWhatSomebodyElseHasAskedFor() throws IOException {
        Path file = Files.writeString(folder.resolve("reboot-required"), "libc6");
        RebootSentinel sentinel = new RebootSentinel(file);
        sentinel.announce(true);
        sentinel.announce(false);
        assertEquals("libc6", Files.readString(file));
    }
}
