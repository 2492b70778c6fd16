package dev.flipside.updater.slot;

import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A partition as the readers of formats see it. */
record DeviceBytes(BlockDevice device, boolean pastCache) implements RandomAccess {
    static DeviceBytes cached(BlockDevice device) {
        return new DeviceBytes(device, false);
    }

    static DeviceBytes pastCache(BlockDevice device) {
        return new DeviceBytes(device, true);
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        if (pastCache) {
            device.readPastCache(destination, offsetBytes);
        } else {
            device.read(destination, offsetBytes);
        }
    }
}
