package dev.flipside.updater.source;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FailureGroup;
import dev.flipside.failure.FlipsideException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One repository at several addresses, for one thread. All requests go to one of them, until it
 * fails or whoever checks what it sent refuses that; then to the next one in order. A part of a
 * file goes on at the byte where the mirror before broke off.
 *
 * <p>Invariant: one request asks each mirror at most once, and a mirror whose bytes were refused
 * {@link #MAX_REFUSALS} times, with too little good in between, is asked no more before {@link
 * #startOver}. So whatever mirrors do, an end comes.
 */
public final class Mirrors implements Source {
    static final int MAX_REFUSALS = 8;

    private final List<Mirror> mirrors = new ArrayList<>();
    private int current;
    private volatile boolean closed;

    /** Opens the repository at one address; nothing is sent yet. */
    @FunctionalInterface
    public interface Opening {
        Source open(URI url) throws FlipsideException;
    }

    private static final class Mirror {
        private final URI url;
        private Optional<Source> source = Optional.empty();
        private int refusals;

        Mirror(URI url) {
            this.url = url;
        }
    }

    /** What is asked of one mirror. */
    @FunctionalInterface
    private interface Question<T> {
        T ask(Source source) throws FlipsideException;
    }

    private final Opening opening;

    /** Each is opened when it is first needed. */
    public Mirrors(List<URI> urls, Opening opening) {
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("no address");
        }
        urls.forEach(url -> mirrors.add(new Mirror(url)));
        this.opening = opening;
    }

    @Override
    public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
        return ask(source -> source.fetch(path, maxBytes));
    }

    @Override
    public Conditional fetchIfChanged(String path, int maxBytes, Optional<String> validator)
            throws FlipsideException {
        return ask(
                source -> {
                    String mark = mark();
                    // What one server said of its copy means nothing to another one.
                    Optional<String> own =
                            validator
                                    .filter(text -> text.startsWith(mark))
                                    .map(text -> text.substring(mark.length()));
                    return switch (source.fetchIfChanged(path, maxBytes, own)) {
                        case Conditional.Changed changed ->
                                new Conditional.Changed(
                                        changed.content(), changed.validator().map(mark::concat));
                        case Conditional.Unchanged unchanged -> unchanged;
                        case Conditional.Missing missing -> missing;
                    };
                });
    }

    private String mark() {
        return mirrors.size() == 1
                ? ""
                : "at %08x ".formatted(mirrors.get(current).url.toString().hashCode());
    }

    @Override
    public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
            throws FlipsideException {
        Handed handed = new Handed(sink);
        ask(
                source -> {
                    long from = Math.addExact(offsetBytes, handed.bytes);
                    source.fetchRange(path, from, lengthBytes - handed.bytes, handed::accept);
                    return handed;
                },
                handed);
    }

    /** Counts what the taker has got, and remembers when it was the taker who failed. */
    private static final class Handed {
        private final Sink sink;
        private long bytes;
        private boolean takerFailed;

        Handed(Sink sink) {
            this.sink = sink;
        }

        void accept(ByteBuffer piece) throws FlipsideException {
            int pieceBytes = piece.remaining();
            takerFailed = true;
            sink.accept(piece);
            takerFailed = false;
            bytes += pieceBytes;
        }
    }

    private <T> T ask(Question<T> question) throws FlipsideException {
        return ask(question, new Handed(piece -> {}));
    }

    private <T> T ask(Question<T> question, Handed handed) throws FlipsideException {
        List<FlipsideException> failures = new ArrayList<>();
        for (int asked = 0; asked < mirrors.size(); asked++) {
            try {
                return question.ask(open(mirrors.get(current)));
            } catch (FlipsideException e) {
                failures.forEach(e::addSuppressed);
                if (handed.takerFailed || !isOfTheServer(e.failure()) || isEnding()) {
                    throw e;
                }
                failures.add(e);
                current = (current + 1) % mirrors.size();
            }
        }
        throw failures.getLast();
    }

    private boolean isEnding() {
        return closed || Thread.currentThread().isInterrupted();
    }

    private static boolean isOfTheServer(Failure failure) {
        return failure.code().group() == FailureGroup.SOURCE_UNAVAILABLE;
    }

    private Source open(Mirror mirror) throws FlipsideException {
        if (mirror.source.isEmpty()) {
            mirror.source = Optional.of(opening.open(mirror.url));
        }
        return mirror.source.get();
    }

    @Override
    public boolean refused(Failure failure, long goodBytes) {
        boolean mayBeBetterElsewhere =
                failure.code().group() == FailureGroup.UNTRUSTED_IMAGE
                        || failure.code() == FailureCode.SOURCE_FILE_MISSING;
        if (!mayBeBetterElsewhere) {
            return false;
        }
        if (goodBytes >= SourceLimits.PROGRESS_BYTES) {
            mirrors.forEach(mirror -> mirror.refusals = 0);
        }
        Mirror bad = mirrors.get(current);
        bad.refusals = mayBeBetterNextTime(failure) ? bad.refusals + 1 : MAX_REFUSALS;
        for (int step = 1; step <= mirrors.size(); step++) {
            int next = (current + step) % mirrors.size();
            if (mirrors.get(next).refusals < MAX_REFUSALS) {
                current = next;
                return true;
            }
        }
        return false;
    }

    // What was whole but old, or is not there, is the same when it is asked for again.
    private static boolean mayBeBetterNextTime(Failure failure) {
        return failure.code().group() == FailureGroup.UNTRUSTED_IMAGE
                && failure.code() != FailureCode.METADATA_EXPIRED
                && failure.code() != FailureCode.METADATA_ROLLBACK;
    }

    @Override
    public void startOver() {
        current = 0;
        mirrors.forEach(mirror -> mirror.refusals = 0);
    }

    @Override
    public long fetchedBytes() {
        return mirrors.stream()
                .flatMap(mirror -> mirror.source.stream())
                .mapToLong(Source::fetchedBytes)
                .sum();
    }

    @Override
    public void close() {
        closed = true;
        mirrors.forEach(mirror -> mirror.source.ifPresent(Source::close));
    }

    @Override
    public String toString() {
        return mirrors.stream().map(it -> it.url.toString()).collect(Collectors.joining(", "));
    }
}
