package dev.flipside.updater.slot;

import static dev.flipside.pack.BlockPack.BLOCK_SIZE_BYTES;

import dev.flipside.failure.FailureGroup;
import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.FrameBatches;
import dev.flipside.pack.FrameDecoder;
import dev.flipside.pack.PackFrame;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Takes the bytes of a range of the pack as they arrive, and writes the blocks of each frame that
 * is complete.
 *
 * <p>A frame that is not good does not end its range, as what comes behind it is on its way
 * already; a second one does. What was not good or did not come is expected again, in the order of
 * the pack, after {@link #askAgain}.
 *
 * <p>Invariant: one frame is in memory, compressed and plain, in arrays that only grow to the
 * largest frame.
 */
final class FrameReceiver implements AutoCloseable {
    private final SlotData slot;
    private final FrameDecoder decoder = new FrameDecoder();
    private byte[] compressed = new byte[0];
    private byte[] plain = new byte[0];
    private final Deque<FrameBatches.Batch> toCome = new ArrayDeque<>();
    private Optional<PackFrame> refused = Optional.empty();
    private Optional<FlipsideException> refusal = Optional.empty();
    private FrameBatches.Batch batch;
    private long position;
    private int frameIndex;
    private int filledBytes;
    private long blocksWritten;
    private long goodBytes;

    FrameReceiver(SlotData slot) {
        this.slot = slot;
    }

    long blocksWritten() {
        return blocksWritten;
    }

    /** The compressed bytes of all frames that were good since the last {@link #askAgain}. */
    long goodBytes() {
        return goodBytes;
    }

    /** What is expected now. */
    FrameBatches.Batch batch() {
        return batch;
    }

    /** Expects these frames, and after them what has to come again. */
    void begin(FrameBatches.Batch newBatch) {
        batch = newBatch;
        position = newBatch.offsetBytes();
        frameIndex = 0;
        filledBytes = 0;
        refused = Optional.empty();
        refusal = Optional.empty();
    }

    /** Goes on to what has to come again; false when there is nothing. */
    boolean beginNext() {
        Optional<FrameBatches.Batch> next = Optional.ofNullable(toCome.poll());
        next.ifPresent(this::begin);
        return next.isPresent();
    }

    /** Requires that the range, which has ended, had no frame that was not good. */
    void requireGood() throws FlipsideException {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    /** Has what was not good, or not there yet, come again. */
    void askAgain() {
        List<PackFrame> rest = batch.frames().subList(frameIndex, batch.frames().size());
        if (!rest.isEmpty()) {
            long start = rest.getFirst().offsetBytes();
            long end = batch.offsetBytes() + batch.lengthBytes();
            toCome.addFirst(new FrameBatches.Batch(start, end - start, rest));
        }
        refused.ifPresent(
                frame ->
                        toCome.addFirst(
                                new FrameBatches.Batch(
                                        frame.offsetBytes(), frame.sizeBytes(), List.of(frame))));
        goodBytes = 0;
    }

    void accept(ByteBuffer piece) throws FlipsideException {
        while (piece.hasRemaining()) {
            PackFrame frame = batch.frames().get(frameIndex);
            if (position < frame.offsetBytes()) {
                skip(piece, frame.offsetBytes() - position);
            } else {
                fill(piece, frame);
            }
        }
    }

    private void skip(ByteBuffer piece, long gapBytes) {
        int lengthBytes = (int) Math.min(piece.remaining(), gapBytes);
        piece.position(piece.position() + lengthBytes);
        position += lengthBytes;
    }

    private void fill(ByteBuffer piece, PackFrame frame) throws FlipsideException {
        if (compressed.length < frame.sizeBytes()) {
            compressed = new byte[frame.sizeBytes()];
        }
        int lengthBytes = Math.min(piece.remaining(), frame.sizeBytes() - filledBytes);
        piece.get(compressed, filledBytes, lengthBytes);
        filledBytes += lengthBytes;
        position += lengthBytes;
        if (filledBytes == frame.sizeBytes()) {
            filledBytes = 0;
            take(frame);
            frameIndex++;
        }
    }

    private void take(PackFrame frame) throws FlipsideException {
        try {
            write(frame);
            goodBytes += frame.sizeBytes();
        } catch (FlipsideException e) {
            boolean isFirst = refused.isEmpty();
            if (!isFirst || e.failure().code().group() != FailureGroup.UNTRUSTED_IMAGE) {
                throw e;
            }
            refused = Optional.of(frame);
            refusal = Optional.of(e);
        }
    }

    private void write(PackFrame frame) throws FlipsideException {
        if (plain.length < frame.blocks() * BLOCK_SIZE_BYTES) {
            plain = new byte[frame.blocks() * BLOCK_SIZE_BYTES];
        }
        try {
            decoder.decode(compressed, 0, frame.sizeBytes(), frame.blocks(), plain);
        } catch (FlipsideException e) {
            throw SlotFailures.mismatch("frame of blocks.pack at byte " + frame.offsetBytes(), e);
        }
        for (int block = 0; block < frame.blocks(); block++) {
            blocksWritten += slot.put(frame, block, plain, block * BLOCK_SIZE_BYTES);
        }
    }

    @Override
    public void close() {
        decoder.close();
    }
}
