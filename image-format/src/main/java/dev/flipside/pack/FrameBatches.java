package dev.flipside.pack;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Joins the frames that are needed into few ranges of the pack.
 *
 * <p>Two frames come in one range when the gap between them is at most {@code gapBytes}, the range
 * stays within {@code requestBytes}, and all gaps so far are at most a twentieth of all needed
 * bytes so far: so at any time at most 1.05 × the needed bytes are fetched.
 */
public final class FrameBatches {
    /** The longest range of one request, unless one frame is longer: what a host uses. */
    public static final int USUAL_REQUEST_BYTES = 16 << 20;

    /** How much between two needed frames is fetched along, to save a request. */
    public static final int USUAL_GAP_BYTES = 64 << 10;

    private static final int NEEDED_PER_GAP = 20;

    private final PackIndexReader index;
    private final Predicate<PackFrame> isNeeded;
    private final int requestBytes;
    private final int maxGapBytes;
    private Optional<PackFrame> waiting = Optional.empty();
    private long neededBytes;
    private long gapBytes;

    /** Frames in the order of the pack, and the range that they stand in. */
    public record Batch(long offsetBytes, long lengthBytes, List<PackFrame> frames) {
        public Batch {
            frames = List.copyOf(frames);
        }
    }

    /**
     * @param requestBytes the longest range, unless one frame is longer
     * @param gapBytes how much between two needed frames may be fetched along
     */
    public FrameBatches(
            PackIndexReader index, Predicate<PackFrame> isNeeded, int requestBytes, int gapBytes) {
        this.index = index;
        this.isNeeded = isNeeded;
        this.requestBytes = requestBytes;
        this.maxGapBytes = gapBytes;
    }

    /** The next range, or empty when the index has come to its end. */
    public Optional<Batch> next() throws FlipsideException {
        Optional<PackFrame> first = waiting.isPresent() ? waiting : nextNeeded();
        waiting = Optional.empty();
        if (first.isEmpty()) {
            return Optional.empty();
        }
        List<PackFrame> frames = new ArrayList<>();
        long start = first.get().offsetBytes();
        long end = add(first.get(), frames);
        for (Optional<PackFrame> next = nextNeeded(); next.isPresent(); next = nextNeeded()) {
            if (!joins(next.get(), start, end)) {
                waiting = next;
                break;
            }
            gapBytes += next.get().offsetBytes() - end;
            end = add(next.get(), frames);
        }
        return Optional.of(new Batch(start, end - start, frames));
    }

    private long add(PackFrame frame, List<PackFrame> frames) {
        frames.add(frame);
        neededBytes += frame.sizeBytes();
        return frame.offsetBytes() + frame.sizeBytes();
    }

    private boolean joins(PackFrame frame, long start, long end) {
        long gap = frame.offsetBytes() - end;
        long frameEnd = frame.offsetBytes() + frame.sizeBytes();
        return gap <= maxGapBytes
                && frameEnd - start <= requestBytes
                && (gapBytes + gap) * NEEDED_PER_GAP <= neededBytes + frame.sizeBytes();
    }

    private Optional<PackFrame> nextNeeded() throws FlipsideException {
        Optional<PackFrame> frame = read();
        while (frame.isPresent() && !isNeeded.test(frame.get())) {
            frame = read();
        }
        return frame;
    }

    private Optional<PackFrame> read() throws FlipsideException {
        try {
            return index.next();
        } catch (IOException e) {
            throw new IllegalStateException("the index is in memory", e);
        }
    }
}
