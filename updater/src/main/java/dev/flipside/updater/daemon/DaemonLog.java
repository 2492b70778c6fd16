package dev.flipside.updater.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.UnixDatagram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The log of the daemon: entries with a stable event and code. To journald with fields, in its
 * native protocol; anywhere else one JSON object a line.
 *
 * <p>Invariant: an entry is at most {@value #MAX_ENTRY_BYTES} bytes, and is never lost in silence:
 * what journald does not take goes to standard error.
 */
final class DaemonLog implements AutoCloseable {
    private static final String JOURNAL = "/run/systemd/journal/socket";
    private static final int MAX_ENTRY_BYTES = 32 << 10;

    private final Optional<UnixDatagram> journal;
    private final PrintStream err;

    private DaemonLog(Optional<UnixDatagram> journal, PrintStream err) {
        this.journal = journal;
        this.err = err;
    }

    /** How bad it is: the numbers of syslog(3). */
    enum Priority {
        ERROR(3),
        WARNING(4),
        NOTICE(5),
        INFO(6);

        private final int number;

        Priority(int number) {
            this.number = number;
        }
    }

    /**
     * One entry.
     *
     * @param event what happened, by its stable name
     * @param code how it went: {@code ok}, or the code of a failure, a rule or a state
     * @param message for people
     * @param fields more for programs, by lowercase names
     */
    record Entry(
            Priority priority,
            String event,
            String code,
            String message,
            Map<String, String> fields) {
        Entry {
            fields = Map.copyOf(fields);
        }

        static Entry of(Priority priority, String event, String code, String message) {
            return new Entry(priority, event, code, message, Map.of());
        }
    }

    /**
     * Opens the log of a process.
     *
     * @param environment systemd sets JOURNAL_STREAM where standard error leads to the journal
     */
    static DaemonLog open(Map<String, String> environment, PrintStream err) {
        return environment.containsKey("JOURNAL_STREAM") ? toJournal(JOURNAL, err) : to(err);
    }

    /** One that writes JSON lines. */
    static DaemonLog to(PrintStream err) {
        return new DaemonLog(Optional.empty(), err);
    }

    static DaemonLog toJournal(String socket, PrintStream err) {
        try {
            return new DaemonLog(Optional.of(UnixDatagram.to(socket)), err);
        } catch (IOException e) {
            return to(err);
        }
    }

    void write(Entry entry) {
        if (journal.isPresent()) {
            try {
                journal.get().send(datagram(entry));
                return;
            } catch (IOException e) {
                // journald is behind or restarts: its stream on standard error may be served still.
                err.println(StrictJson.line(json(entry)));
            }
        } else {
            err.println(StrictJson.line(json(entry)));
        }
        err.flush();
    }

    /** systemd's Native Journal Protocol: {@code FIELD=value}, or with a length for line breaks. */
    private static byte[] datagram(Entry entry) {
        TreeMap<String, String> fields = new TreeMap<>();
        fields.put("MESSAGE", entry.message());
        fields.put("PRIORITY", Integer.toString(entry.priority().number));
        fields.put("SYSLOG_IDENTIFIER", "flipsided");
        fields.put("FLIPSIDE_EVENT", entry.event());
        fields.put("FLIPSIDE_CODE", entry.code());
        entry.fields()
                .forEach(
                        (name, value) ->
                                fields.put(
                                        "FLIPSIDE_"
                                                + name.replaceAll("[^A-Za-z0-9]", "_")
                                                        .toUpperCase(Locale.ROOT),
                                        value));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        fields.forEach(
                (name, value) -> {
                    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                    if (out.size() + name.length() + bytes.length > MAX_ENTRY_BYTES) {
                        return;
                    }
                    out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
                    if (value.indexOf('\n') < 0) {
                        out.write('=');
                    } else {
                        out.write('\n');
                        out.writeBytes(
                                ByteBuffer.allocate(Long.BYTES)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .putLong(bytes.length)
                                        .array());
                    }
                    out.writeBytes(bytes);
                    out.write('\n');
                });
        return out.toByteArray();
    }

    private static ObjectNode json(Entry entry) {
        ObjectNode node =
                StrictJson.object()
                        .put("priority", entry.priority().name().toLowerCase(Locale.ROOT))
                        .put("event", entry.event())
                        .put("code", entry.code())
                        .put("message", entry.message());
        new TreeMap<>(entry.fields()).forEach(node::put);
        return node;
    }

    @Override
    public void close() throws IOException {
        if (journal.isPresent()) {
            journal.get().close();
        }
    }
}
