package dev.flipside.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

record RandomAccessChannel(SeekableByteChannel channel, long sizeBytes) implements RandomAccess {
    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        RandomAccessSlice.checkRange(destination.remaining(), offsetBytes, sizeBytes);
        channel.position(offsetBytes);
        while (destination.hasRemaining()) {
            if (channel.read(destination) < 0) {
                throw new EOFException(
                        "the file ended at %d of %d bytes"
                                .formatted(channel.position(), sizeBytes));
            }
        }
    }
}
