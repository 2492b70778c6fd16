package dev.flipside.format;

import java.io.EOFException;
import java.nio.ByteBuffer;

record RandomAccessBytes(ByteBuffer bytes) implements RandomAccess {
    @Override
    public long sizeBytes() {
        return bytes.capacity();
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws EOFException {
        RandomAccessSlice.checkRange(destination.remaining(), offsetBytes, bytes.capacity());
        destination.put(bytes.slice((int) offsetBytes, destination.remaining()));
    }
}
