package dev.flipside.boot.fat;

import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A file of a volume, open for reading. */
final class FatFileChannel implements SeekableByteChannel {
    private final BlockDevice device;
    private final FatGeometry geometry;
    private final int[] chain;
    private final long sizeBytes;
    private long position;
    private boolean open = true;

    FatFileChannel(BlockDevice device, FatGeometry geometry, int[] chain, long sizeBytes) {
        this.device = device;
        this.geometry = geometry;
        this.chain = chain;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public int read(ByteBuffer destination) throws IOException {
        if (position >= sizeBytes) {
            return -1;
        }
        int cluster = geometry.clusterSizeBytes();
        int taken = 0;
        while (destination.hasRemaining() && position < sizeBytes) {
            int within = (int) (position % cluster);
            int length =
                    (int)
                            Math.min(
                                    Math.min(destination.remaining(), cluster - within),
                                    sizeBytes - position);
            device.read(
                    destination.slice(destination.position(), length),
                    geometry.clusterOffsetBytes(chain[(int) (position / cluster)]) + within);
            destination.position(destination.position() + length);
            position += length;
            taken += length;
        }
        return taken;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
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
    public long size() {
        return sizeBytes;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
