package dev.flipside.platform;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** Reads bytes in memory as a file. */
final class MemoryChannel implements SeekableByteChannel {
    private final byte[] bytes;
    private long position;
    private boolean closed;

    MemoryChannel(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer destination) throws IOException {
        requireOpen();
        if (position >= bytes.length) {
            return -1;
        }
        int lengthBytes = (int) Math.min(destination.remaining(), bytes.length - position);
        destination.put(bytes, (int) position, lengthBytes);
        position += lengthBytes;
        return lengthBytes;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public long position() throws IOException {
        requireOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        requireOpen();
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return bytes.length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /** Collects what is written until there is no more room. */
    static final class Sink implements java.nio.channels.WritableByteChannel {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final long roomBytes;

        Sink(long roomBytes) {
            this.roomBytes = roomBytes;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (out.size() + (long) source.remaining() > roomBytes) {
                throw new IOException(DiskFull.NO_SPACE);
            }
            int lengthBytes = source.remaining();
            byte[] piece = new byte[lengthBytes];
            source.get(piece);
            out.writeBytes(piece);
            return lengthBytes;
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
