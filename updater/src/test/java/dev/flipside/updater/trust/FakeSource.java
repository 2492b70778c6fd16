package dev.flipside.updater.trust;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Digests;
import dev.flipside.updater.source.Conditional;
import dev.flipside.updater.source.Source;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A repository in memory that can go away, and that writes down what it was asked for. */
public final class FakeSource implements Source {
    private final Map<String, byte[]> files = new HashMap<>();
    private final List<String> requests = new ArrayList<>();
    private boolean validates;
    private String unreachable = "";
    private long fetchedBytes;

    public void put(String path, byte[] content) {
        files.put(path, content.clone());
    }

    public void remove(String path) {
        files.remove(path);
    }

    /** Requests for this path fail from now on; an empty one lets all succeed again. */
    public void failAt(String path) {
        unreachable = path;
    }

    /** Says from now on of a file that it has not changed, as a server with ETags does. */
    public void validate() {
        validates = true;
    }

    /** The paths asked for since the last call. */
    public List<String> takeRequests() {
        List<String> taken = List.copyOf(requests);
        requests.clear();
        return taken;
    }

    @Override
    public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
        byte[] content = answer(path);
        if (content == null) {
            return Optional.empty();
        }
        if (content.length > maxBytes) {
            throw failure(FailureCode.SOURCE_TOO_LARGE, path);
        }
        fetchedBytes += content.length;
        return Optional.of(content.clone());
    }

    @Override
    public Conditional fetchIfChanged(String path, int maxBytes, Optional<String> validator)
            throws FlipsideException {
        Optional<byte[]> content = fetch(path, maxBytes);
        if (content.isEmpty()) {
            return new Conditional.Missing();
        }
        String current = Digests.sha256(content.get());
        return validates && validator.equals(Optional.of(current))
                ? new Conditional.Unchanged()
                : new Conditional.Changed(
                        content.get(), Optional.of(current).filter(it -> validates));
    }

    @Override
    public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
            throws FlipsideException {
        byte[] content = answer(path);
        if (content == null) {
            throw failure(FailureCode.SOURCE_FILE_MISSING, path);
        }
        fetchedBytes += lengthBytes;
        sink.accept(ByteBuffer.wrap(content, (int) offsetBytes, (int) lengthBytes));
    }

    private byte[] answer(String path) throws FlipsideException {
        requests.add(path);
        if (path.equals(unreachable)) {
            throw failure(FailureCode.SOURCE_UNREACHABLE, path);
        }
        return files.get(path);
    }

    private static FlipsideException failure(FailureCode code, String path) {
        return new FlipsideException(code, path, "an answer", "none", "try again");
    }

    @Override
    public long fetchedBytes() {
        return fetchedBytes;
    }

    @Override
    public void close() {}
}
