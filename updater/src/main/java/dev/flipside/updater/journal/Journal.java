package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
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
    private static final int MAX_BYTES = 4 << 20;

    private final DurableFolder folder;
    private final History history;
    private final InstantSource clock;

    public Journal(DurableFolder folder, int historyBytes, InstantSource clock) {
        this.folder = folder;
        this.history = new History(folder, historyBytes);
        this.clock = clock;
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

    /** Adds to the history. */
    public void tell(String event, String code, ObjectNode details) throws IOException {
        history.add(new History.Entry(clock.instant(), event, code, details));
    }

    public History history() {
        return history;
    }
}
