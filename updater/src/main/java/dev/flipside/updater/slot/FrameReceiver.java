package dev.flipside.updater.slot;

import static dev.flipside.pack.BlockPack.BLOCK_SIZE_BYTES;

import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.FrameBatches;
import dev.flipside.pack.FrameDecoder;
import dev.flipside.pack.PackFrame;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Takes the bytes of a range of the pack as they arrive, and writes the blocks of each frame that
 * is complete.
 *
 * <p>Invariant: one frame is in memory, compressed and plain, in arrays that only grow to the
 * largest frame.
 */
final class FrameReceiver implements AutoCloseable {
    private final SlotData slot;
    private final FrameDecoder decoder = new FrameDecoder();
    private byte[] compressed = new byte[0];
    private byte[] plain = new byte[0];
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

    /** The compressed bytes of all frames that were good since the last {@link #beginAgain}. */
    long goodBytes() {
        return goodBytes;
    }

    /** What is expected now. */
    FrameBatches.Batch batch() {
        return batch;
    }

    boolean isDone() {
        return frameIndex == batch.frames().size();
    }

    /** Expects the bytes from the frame on that was not good, or not there yet. */
    void beginAgain() {
        List<PackFrame> rest = batch.frames().subList(frameIndex, batch.frames().size());
        long start = rest.getFirst().offsetBytes();
        long end = batch.offsetBytes() + batch.lengthBytes();
        begin(new FrameBatches.Batch(start, end - start, rest));
        goodBytes = 0;
    }

    /** Expects the bytes of this range next. */
    void begin(FrameBatches.Batch newBatch) {
        batch = newBatch;
        position = newBatch.offsetBytes();
        frameIndex = 0;
        filledBytes = 0;
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
            write(frame);
            filledBytes = 0;
            goodBytes += frame.sizeBytes();
            frameIndex++;
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
