package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnixDatagramTest {
    @TempDir Path folder;

    @Test
    void bringsEachDatagramWholeToAPath() throws Exception {
        String path = folder.resolve("notify").toString();
        try (DatagramInbox inbox = DatagramInbox.at(path);
                UnixDatagram sender = UnixDatagram.to(path)) {
            sender.send("READY=1\nSTATUS=ä".getBytes(StandardCharsets.UTF_8));
            sender.send("WATCHDOG=1".getBytes(StandardCharsets.UTF_8));
            assertEquals(Optional.of("READY=1\nSTATUS=ä"), inbox.next(1000));
            assertEquals(Optional.of("WATCHDOG=1"), inbox.next(1000));
        }
    }

    @Test
    void findsAnAbstractName() throws Exception {
        String name = "@flipside-test-" + ProcessHandle.current().pid();
        try (DatagramInbox inbox = DatagramInbox.at(name);
                UnixDatagram sender = UnixDatagram.to(name)) {
            sender.send(new byte[] {'x'});
            assertEquals(Optional.of("x"), inbox.next(1000));
        }
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        try (UnixDatagram sender = UnixDatagram.to(folder.resolve("nobody").toString())) {
            assertThrows(IOException.class, () -> sender.send(new byte[1]));
        }
    }

    @Test
    void neverWaitsForAReceiverThatIsBehind() throws Exception {
        String path = folder.resolve("slow").toString();
        try (DatagramInbox inbox = DatagramInbox.at(path);
                UnixDatagram sender = UnixDatagram.to(path)) {
            inbox.fill(sender);
            assertThrows(IOException.class, () -> sender.send(new byte[1]));
        }
    }

    @Test
    void waitsForAReceiverThatIsBehindUntilItHasRoom() throws Exception {
        String path = folder.resolve("busy").toString();
        try (DatagramInbox inbox = DatagramInbox.at(path);
                UnixDatagram sender = UnixDatagram.to(path)) {
            int filled = inbox.fill(sender);
            String word =
                    inbox.nextOfOneWhoWaits(
                            filled,
                            () -> {
                                sender.send(new byte[] {'x'}, Duration.ofMinutes(1));
                                return null;
                            });
            assertEquals("x", word);
        }
    }

    @Test
    void givesUpAReceiverThatStaysBehind() throws Exception {
        String path = folder.resolve("stuck").toString();
        try (DatagramInbox inbox = DatagramInbox.at(path);
                UnixDatagram sender = UnixDatagram.to(path)) {
            inbox.fill(sender);
            assertThrows(IOException.class, () -> sender.send(new byte[1], Duration.ofMillis(30)));
        }
    }

    @Test
    void refusesAnAddressThatNoSocketCanHave() {
        assertThrows(IOException.class, () -> UnixDatagram.to("/" + "x".repeat(107)));
        assertThrows(IOException.class, () -> UnixDatagram.to(""));
    }
}
