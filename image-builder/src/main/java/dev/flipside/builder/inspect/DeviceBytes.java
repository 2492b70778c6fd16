package dev.flipside.builder.inspect;

import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A partition as the readers of formats see it. */
record DeviceBytes(BlockDevice device) implements RandomAccess {
    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        device.read(destination, offsetBytes);
    }
}
