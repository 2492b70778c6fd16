package dev.flipside.updater.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.DatagramInbox;
import dev.flipside.updater.daemon.DaemonLog.Entry;
import dev.flipside.updater.daemon.DaemonLog.Priority;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DaemonLogTest {
    @TempDir Path folder;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(printed, true, StandardCharsets.UTF_8);

    @Test
    void givesJournaldEveryField() throws Exception {
        String address = folder.resolve("journal").toString();
        try (DatagramInbox journald = DatagramInbox.at(address);
                DaemonLog log = DaemonLog.toJournal(address, err)) {
            log.write(
                    new Entry(
                            Priority.WARNING,
                            "write-slot",
                            "block-mismatch",
                            "one line",
                            Map.of("fetchedBytes", "17")));
            assertEquals(
                    """
                    FLIPSIDE_CODE=block-mismatch
                    FLIPSIDE_EVENT=write-slot
                    FLIPSIDE_FETCHEDBYTES=17
                    MESSAGE=one line
                    PRIORITY=4
                    SYSLOG_IDENTIFIER=flipsided
                    """,
                    journald.next(1000).orElseThrow());
        }
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
    }

    @Test
    void givesALineBreakALengthSoThatNoTextBecomesAField() throws Exception {
        String address = folder.resolve("journal").toString();
        try (DatagramInbox journald = DatagramInbox.at(address);
                DaemonLog log = DaemonLog.toJournal(address, err)) {
            log.write(Entry.of(Priority.ERROR, "bug", "bug", "a\nPRIORITY=7"));
            String datagram = journald.next(1000).orElseThrow();
            assertTrue(
                    datagram.contains("MESSAGE\n\u000c\0\0\0\0\0\0\0a\nPRIORITY=7\nPRIORITY=3\n"),
                    datagram);
        }
    }

    @Test
    void printsWhatJournaldDoesNotTake() throws Exception {
        try (DaemonLog log = DaemonLog.toJournal(folder.resolve("gone").toString(), err)) {
            log.write(Entry.of(Priority.NOTICE, "start", "ok", "ready"));
        }
        assertEquals(
                "{\"priority\":\"notice\",\"event\":\"start\",\"code\":\"ok\",\"message\":\"ready\"}\n",
                printed.toString(StandardCharsets.UTF_8));
    }

    @Test
    void keepsAnEntryWithinItsBound() throws Exception {
        String address = folder.resolve("journal").toString();
        try (DatagramInbox journald = DatagramInbox.at(address);
                DaemonLog log = DaemonLog.toJournal(address, err)) {
            log.write(
                    new Entry(
                            Priority.INFO, "e", "c", "m", Map.of("evidence", "x".repeat(1 << 20))));
            assertTrue(journald.next(1000).orElseThrow().length() < 1000);
        }
    }

    @Test
    void printsJsonLinesWhereNoJournalIs() throws Exception {
        try (DaemonLog log = DaemonLog.open(Map.of(), err)) {
            log.write(Entry.of(Priority.INFO, "poll", "ok", "a \"line\""));
        }
        assertTrue(printed.toString(StandardCharsets.UTF_8).contains("\"a \\\"line\\\"\""));
    }
}
