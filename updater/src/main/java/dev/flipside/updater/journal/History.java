package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * {@code history.jsonl}: what has happened on this host, one JSON object per line, oldest first.
 *
 * <p>Invariant: at most {@code maxBytes} and one line; beyond that the older half is dropped, but
 * for what {@link Rebuilding} needs. A line that a power cut has torn is passed over.
 */
public final class History {
    static final String FILE = "history.jsonl";
    private static final int MAX_LINE_BYTES = 64 << 10;

    private final DurableFolder folder;
    private final int maxBytes;

    public History(DurableFolder folder, int maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    /**
     * One thing that happened.
     *
     * @param event the command or event, by its stable name
     * @param code how it went: {@code started}, {@code ok}, or the code of a failure or reason
     */
    public record Entry(Instant at, String event, String code, ObjectNode details) {
        /** As the file and the event stream have it. */
        public ObjectNode json() {
            ObjectNode node =
                    StrictJson.object()
                            .put("at", at.toString())
                            .put("event", event)
                            .put("code", code);
            node.set("details", details);
            return node;
        }
    }

    /** Adds an entry; durable when the call returns. */
    public void add(Entry entry) throws IOException {
        byte[] line = (StrictJson.line(entry.json()) + "\n").getBytes(StandardCharsets.UTF_8);
        if (line.length > MAX_LINE_BYTES) {
            throw new IllegalArgumentException("history entry of " + line.length + " bytes");
        }
        byte[] before = read();
        boolean torn = before.length > 0 && before[before.length - 1] != '\n';
        if (before.length + line.length > maxBytes) {
            folder.replace(FILE, DurableFolder.Content.of(joined(shortened(before), line)));
        } else {
            folder.append(FILE, torn ? joined(new byte[] {'\n'}, line) : line);
        }
    }

    /** All entries that can be read, oldest first. */
    public List<ObjectNode> entries() throws IOException {
        List<ObjectNode> entries = new ArrayList<>();
        for (String line : new String(read(), StandardCharsets.UTF_8).split("\n")) {
            if (!line.isEmpty()) {
                parse(line).ifPresent(entries::add);
            }
        }
        return entries;
    }

    private static Optional<ObjectNode> parse(String line) {
        try {
            return Optional.of(
                    StrictJson.parse(
                            line.getBytes(StandardCharsets.UTF_8),
                            FILE,
                            FailureCode.STATE_MALFORMED));
        } catch (FlipsideException e) {
            // A torn line: what it told is lost, and the others are not.
            return Optional.empty();
        }
    }

    /** The end of a file that a larger limit has left; what it begins with is a torn line. */
    private byte[] read() throws IOException {
        int mostBytes = Math.addExact(maxBytes, MAX_LINE_BYTES);
        long sizeBytes = folder.sizeBytes(FILE).orElse(0L);
        if (sizeBytes <= mostBytes) {
            return folder.read(FILE, mostBytes).orElse(new byte[0]);
        }
        try (SeekableByteChannel channel = folder.open(FILE)) {
            channel.position(sizeBytes - mostBytes);
            return Channels.newInputStream(channel).readNBytes(mostBytes);
        }
    }

    /** The newer half, and of the older one what a lost memory is rebuilt from. */
    private byte[] shortened(byte[] all) {
        int from = Math.max(0, all.length - maxBytes / 2);
        while (from < all.length && from > 0 && all[from - 1] != '\n') {
            from++;
        }
        byte[] newer = Arrays.copyOfRange(all, from, all.length);
        byte[] kept = needed(new String(all, 0, from, StandardCharsets.UTF_8));
        return newer.length == 0 || newer[newer.length - 1] == '\n'
                ? joined(kept, newer)
                : joined(joined(kept, newer), new byte[] {'\n'});
    }

    /** The newest first, as far as there is room, in their order. */
    private byte[] needed(String older) {
        Deque<String> kept = new ArrayDeque<>();
        int leftBytes = maxBytes / 4;
        for (String line : List.of(older.split("\n")).reversed()) {
            if (parse(line).filter(Rebuilding::needs).isEmpty()) {
                continue;
            }
            leftBytes -= line.getBytes(StandardCharsets.UTF_8).length + 1;
            if (leftBytes < 0) {
                break;
            }
            kept.addFirst(line + "\n");
        }
        return String.join("", kept).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}
