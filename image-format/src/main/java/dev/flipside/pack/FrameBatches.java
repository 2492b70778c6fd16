package dev.flipside.pack;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Joins the frames that are needed into few ranges of the pack, within a {@link GapBudget}. */
public final class FrameBatches {
    private final PackIndexReader index;
    private final Predicate<PackFrame> isNeeded;
    private final GapBudget budget;
    private Optional<PackFrame> waiting = Optional.empty();

    /** Frames in the order of the pack, and the range that they stand in. */
    public record Batch(long offsetBytes, long lengthBytes, List<PackFrame> frames) {
        public Batch {
            frames = List.copyOf(frames);
        }
    }

    public FrameBatches(PackIndexReader index, Predicate<PackFrame> isNeeded, GapBudget budget) {
        this.index = index;
        this.isNeeded = isNeeded;
        this.budget = budget;
    }

    /** The next range, or empty when the index has come to its end. */
    public Optional<Batch> next() throws FlipsideException {
        Optional<PackFrame> first = waiting.isPresent() ? waiting : nextNeeded();
        waiting = Optional.empty();
        if (first.isEmpty()) {
            return Optional.empty();
        }
        List<PackFrame> frames = new ArrayList<>(List.of(first.get()));
        budget.begin(first.get().offsetBytes(), first.get().sizeBytes());
        for (Optional<PackFrame> next = nextNeeded(); next.isPresent(); next = nextNeeded()) {
            if (!budget.join(next.get().offsetBytes(), next.get().sizeBytes())) {
                waiting = next;
                break;
            }
            frames.add(next.get());
        }
        return Optional.of(new Batch(budget.startBytes(), budget.lengthBytes(), frames));
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
