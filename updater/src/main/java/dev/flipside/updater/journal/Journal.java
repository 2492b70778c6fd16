package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The memory of a host: {@code state.json}, which says where it stands, and {@link History}, which
 * says how it came there.
 *
 * <p>Invariant: {@code state.json} is replaced as a whole, and durable when {@link #save} returns.
 */
public final class Journal {
    static final String FILE = "state.json";
    private static final String UNREADABLE = "state.json.unreadable";
    private static final int MAX_BYTES = 4 << 20;

    private final DurableFolder folder;
    private final History history;
    private final InstantSource clock;
    private final Listener listener;

    /** A journal that tells nobody else. */
    public Journal(DurableFolder folder, int historyBytes, InstantSource clock) {
        this(folder, historyBytes, clock, entry -> {});
    }

    public Journal(DurableFolder folder, int historyBytes, InstantSource clock, Listener listener) {
        this.folder = folder;
        this.history = new History(folder, historyBytes);
        this.clock = clock;
        this.listener = listener;
    }

    /** Is told of every entry before it is written, so that a full disk hides nothing. */
    @FunctionalInterface
    public interface Listener {
        void told(History.Entry entry);
    }

    /**
     * What the host remembers.
     *
     * @throws FlipsideException {@code state-malformed}; a floor or a rejection must not be
     *     forgotten without anyone noticing
     */
    public HostState load() throws IOException, FlipsideException {
        Optional<byte[]> bytes = folder.read(FILE, MAX_BYTES);
        return bytes.isEmpty() ? HostState.fresh() : StateJson.read(bytes.get());
    }

    public void save(HostState state) throws IOException {
        folder.replace(FILE, DurableFolder.Content.of(StateJson.write(state)));
    }

    /**
     * Starts anew where {@link #load} failed: keeps what could not be read as {@code
     * state.json.unreadable}, and remembers what the history still tells.
     */
    public HostState rebuild() throws IOException {
        Optional<byte[]> bytes = folder.read(FILE, MAX_BYTES);
        if (bytes.isPresent()) {
            folder.replace(UNREADABLE, DurableFolder.Content.of(bytes.get()));
        }
        HostState rebuilt = Rebuilding.of(history.entries());
        save(rebuilt);
        tell("rebuild-state", "ok", StrictJson.object().put("kept", UNREADABLE));
        return rebuilt;
    }

    /** Adds to the history. */
    public void tell(String event, String code, ObjectNode details) throws IOException {
        History.Entry entry = new History.Entry(clock.instant(), event, code, details);
        listener.told(entry);
        history.add(entry);
    }

    /**
     * The same for what may be tried again and again. While the host stays in one state, what goes
     * as it went last is not told anew, so that it drives nothing else out of the history.
     */
    public void tellOnce(String event, String code, ObjectNode details) throws IOException {
        if (!latestCode(event).equals(Optional.of(code))) {
            tell(event, code, details);
        }
    }

    private Optional<String> latestCode(String event) throws IOException {
        return history.entries().reversed().stream()
                .takeWhile(entry -> !entry.path("event").asText().equals("state"))
                .filter(entry -> entry.path("event").asText().equals(event))
                .map(entry -> entry.path("code").asText())
                .findFirst();
    }

    public History history() {
        return history;
    }
}
