package dev.flipside.builder.release;

import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;

/**
 * A file that is read while it is still written: what reads ahead of the writer waits for it, so
 * that an image is hashed while it is in the page cache, on cores that writing leaves idle.
 *
 * <p>Invariant: nothing is read that could still be written over. What was written without a gap
 * from the beginning may be read; where the writer jumps, the rest waits until {@link #finish}.
 */
final class GrowingFile implements SeekableByteChannel, RandomAccess {
    private final FileChannel file;
    private final long sizeBytes;
    private long position;
    private long readableBytes;
    private boolean abandoned;

    /** Begins with an empty file, which will have so many bytes. */
    GrowingFile(FileChannel file, long sizeBytes) {
        this.file = file;
        this.sizeBytes = sizeBytes;
    }

    /** Says that everything was written. */
    void finish() throws IOException {
        if (file.size() != sizeBytes) {
            throw new IllegalStateException(
                    "a file of " + file.size() + " bytes, planned " + sizeBytes);
        }
        makeReadable(sizeBytes);
    }

    /** Ends the wait of all readers; the file is left open. */
    @Override
    public synchronized void close() {
        abandoned = readableBytes < sizeBytes;
        notifyAll();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = file.write(source, position);
        boolean isNext = position == readable();
        position += count;
        if (isNext) {
            makeReadable(position);
        }
        return count;
    }

    private synchronized long readable() {
        return readableBytes;
    }

    private synchronized void makeReadable(long newReadableBytes) {
        readableBytes = newReadableBytes;
        notifyAll();
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        long end = offsetBytes + destination.remaining();
        if (end > sizeBytes) {
            throw new EOFException(end + " of " + sizeBytes + " bytes");
        }
        awaitReadable(end);
        for (long at = offsetBytes; at < end; ) {
            int count = file.read(destination, at);
            if (count < 0) {
                throw new EOFException("the file ended at " + at + " of " + sizeBytes);
            }
            at += count;
        }
    }

    private synchronized void awaitReadable(long end) throws IOException {
        try {
            while (readableBytes < end) {
                if (abandoned) {
                    throw new EOFException(
                            "given up at " + readableBytes + " of " + sizeBytes + " bytes");
                }
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted at work").initCause(e);
        }
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public int read(ByteBuffer destination) {
        throw new UnsupportedOperationException("read by offset");
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new UnsupportedOperationException("only grows");
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }
}
