package dev.flipside.updater.slot;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes blocks to a partition, those that follow each other at once, and flushes now and then so
 * that a power cut costs a bounded part of the work.
 */
final class SlotWriter {
    private static final int BLOCK_BYTES = VerityParameters.BLOCK_SIZE_BYTES;
    private static final int RUN_BLOCKS = 256;

    private final String partition;
    private final BlockDevice device;
    private final int flushBytes;
    private final byte[] run = new byte[RUN_BLOCKS * BLOCK_BYTES];
    private final ByteBuffer runBuffer = ByteBuffer.wrap(run);
    private long runStart;
    private int runBlocks;
    private long unflushedBytes;
    private long writtenBytes;

    SlotWriter(String partition, BlockDevice device, int flushBytes) {
        this.partition = partition;
        this.device = device;
        this.flushBytes = flushBytes;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    /** Takes a block that was checked; it is copied. */
    void put(long block, byte[] from, int offset) throws FlipsideException {
        if (runBlocks == RUN_BLOCKS || block != runStart + runBlocks) {
            writeRun();
            runStart = block;
        }
        System.arraycopy(from, offset, run, runBlocks * BLOCK_BYTES, BLOCK_BYTES);
        runBlocks++;
    }

    private void writeRun() throws FlipsideException {
        if (runBlocks == 0) {
            return;
        }
        runBuffer.clear().limit(runBlocks * BLOCK_BYTES);
        try {
            device.write(runBuffer, runStart * BLOCK_BYTES);
        } catch (IOException e) {
            throw SlotFailures.unwritable(partition, e);
        }
        writtenBytes += runBuffer.limit();
        unflushedBytes += runBuffer.limit();
        runBlocks = 0;
        if (unflushedBytes >= flushBytes) {
            flushDevice();
        }
    }

    /** Returns when all that was put is on the medium. */
    void flush() throws FlipsideException {
        writeRun();
        flushDevice();
    }

    private void flushDevice() throws FlipsideException {
        try {
            device.flush();
        } catch (IOException e) {
            throw SlotFailures.unwritable(partition, e);
        }
        unflushedBytes = 0;
    }
}
