package dev.flipside.boot.fat;

import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The contents of a file of a volume, by its clusters, all of which are within the volume. */
final class FatFile implements RandomAccess {
    private final RandomAccess volume;
    private final FatGeometry geometry;
    private final int[] clusters;
    private final long sizeBytes;

    FatFile(RandomAccess volume, FatGeometry geometry, int[] clusters, long sizeBytes) {
        this.volume = volume;
        this.geometry = geometry;
        this.clusters = clusters;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        if (offsetBytes < 0 || destination.remaining() > sizeBytes - offsetBytes) {
            throw new EOFException("a file of %d bytes ends".formatted(sizeBytes));
        }
        int clusterBytes = geometry.clusterSizeBytes();
        int limit = destination.limit();
        long at = offsetBytes;
        while (destination.position() < limit) {
            int inCluster = (int) (at % clusterBytes);
            int take = Math.min(limit - destination.position(), clusterBytes - inCluster);
            destination.limit(destination.position() + take);
            long cluster = clusters[(int) (at / clusterBytes)];
            volume.read(destination, geometry.clusterOffsetBytes(cluster) + inCluster);
            destination.limit(limit);
            at += take;
        }
    }
}
