package dev.flipside.boot.fat;

import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;

/**
 * The contents of a file that no entry names yet.
 *
 * @param firstCluster 0 for nothing at all
 */
record FatContent(long firstCluster, long sizeBytes) {
    private static final int FEW_CLUSTERS = 64;
    private static final long MAX_FILE_BYTES = 0xFFFF_FFFFL;

    static FatContent of(FatEntry file) {
        return new FatContent(file.firstCluster(), file.sizeBytes());
    }

    /** Writes to free clusters and links them; durable when this returns. */
    static FatContent write(
            BlockDevice device, FatGeometry geometry, FatTable table, DurableFolder.Content content)
            throws IOException {
        Sink sink = new Sink(device, geometry, table);
        content.writeTo(sink);
        sink.flush();
        device.flush();
        if (sink.length > 0) {
            table.link(Arrays.copyOf(sink.chain, sink.length));
        }
        return new FatContent(sink.length > 0 ? sink.chain[0] : 0, sink.sizeBytes);
    }

    /** Fills free clusters from the lowest on, none of which is taken before all is written. */
    private static final class Sink implements WritableByteChannel {
        private final BlockDevice device;
        private final FatGeometry geometry;
        private final FatTable table;
        private final ByteBuffer buffer;
        private int[] chain = new int[0];
        private int length;
        private long sizeBytes;

        Sink(BlockDevice device, FatGeometry geometry, FatTable table) {
            this.device = device;
            this.geometry = geometry;
            this.table = table;
            this.buffer = ByteBuffer.allocate(geometry.clusterSizeBytes());
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int taken = source.remaining();
            if (sizeBytes + taken > MAX_FILE_BYTES) {
                throw new IOException("a file of more than 4 GiB on FAT32");
            }
            while (source.hasRemaining()) {
                int piece = Math.min(source.remaining(), buffer.remaining());
                buffer.put(source.slice(source.position(), piece));
                source.position(source.position() + piece);
                if (!buffer.hasRemaining()) {
                    flush();
                }
            }
            sizeBytes += taken;
            return taken;
        }

        /** What follows the end within the last cluster is zero and not what was there. */
        void flush() throws IOException {
            if (buffer.position() == 0) {
                return;
            }
            while (buffer.hasRemaining()) {
                buffer.put((byte) 0);
            }
            if (length == chain.length) {
                chain = table.findFree(length + 1, Math.max(FEW_CLUSTERS, 2 * length));
            }
            device.write(buffer.flip(), geometry.clusterOffsetBytes(chain[length++]));
            buffer.clear();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // The volume belongs to whoever opened it.
        }
    }
}
