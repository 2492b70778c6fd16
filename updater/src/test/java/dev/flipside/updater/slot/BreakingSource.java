package dev.flipside.updater.slot;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Source;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Hands ranges over in pieces of any size, counts them, and breaks after so many bytes. */
final class BreakingSource implements Source {
    private final Source source;
    private final Random random;
    private final List<Range> ranges = new ArrayList<>();
    private long leftBytes;
    private long fetchedBytes;

    BreakingSource(Source source, long seed, long breakAfterBytes) {
        this.source = source;
        this.random = new Random(seed);
        this.leftBytes = breakAfterBytes;
    }

    /** A range that was asked for. */
    record Range(String path, long offsetBytes, long lengthBytes) {}

    /** The lengths of all ranges asked for. */
    List<Long> rangeSizes() {
        return ranges.stream().map(Range::lengthBytes).toList();
    }

    /** All ranges of a path, in their order. */
    List<Range> rangesOf(String path) {
        return ranges.stream().filter(range -> range.path().equals(path)).toList();
    }

    @Override
    public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
        return source.fetch(path, maxBytes);
    }

    @Override
    public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
            throws FlipsideException {
        ranges.add(new Range(path, offsetBytes, lengthBytes));
        source.fetchRange(path, offsetBytes, lengthBytes, whole -> cut(whole, sink));
    }

    private void cut(ByteBuffer whole, Sink sink) throws FlipsideException {
        while (whole.hasRemaining()) {
            int lengthBytes = Math.min(whole.remaining(), 1 + random.nextInt(40_000));
            if (lengthBytes > leftBytes) {
                throw new FlipsideException(
                        FailureCode.SOURCE_UNREACHABLE, "source", "more", "a break", "go on");
            }
            leftBytes -= lengthBytes;
            fetchedBytes += lengthBytes;
            sink.accept(whole.slice(whole.position(), lengthBytes));
            whole.position(whole.position() + lengthBytes);
        }
    }

    @Override
    public long fetchedBytes() {
        return fetchedBytes;
    }

    @Override
    public void close() {
        source.close();
    }
}
