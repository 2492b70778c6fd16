package dev.flipside.updater.boot;

import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** A file on the ESP, read wherever its parser wants. */
record ChannelAccess(SeekableByteChannel channel, long sizeBytes) implements RandomAccess {
    static ChannelAccess of(SeekableByteChannel channel) throws IOException {
        return new ChannelAccess(channel, channel.size());
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        channel.position(offsetBytes);
        while (destination.hasRemaining()) {
            if (channel.read(destination) < 0) {
                throw new EOFException("end of file at %d".formatted(channel.position()));
            }
        }
    }
}
