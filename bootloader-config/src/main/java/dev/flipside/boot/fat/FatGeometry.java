package dev.flipside.boot.fat;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.Optional;

/**
 * Where things are in a FAT32 volume (Microsoft FAT specification 1.03, section 3): reserved
 * sectors, the FATs one after the other, then clusters, the first of which has number 2. The number
 * of clusters alone makes a volume FAT32, so it is kept at 65525 or more.
 */
record FatGeometry(
        int sectorSizeBytes,
        int sectorsPerCluster,
        int reservedSectors,
        int fats,
        long fatSectors,
        long totalSectors) {

    static final int FIRST_CLUSTER = 2;
    static final int MIN_CLUSTERS = 65_525;
    static final int MAX_CLUSTERS = 0x0FFF_FFF5;
    static final int FATS = 2;
    static final int FAT_ENTRY_BYTES = 4;

    private static final int MIN_RESERVED_SECTORS = 32;
    private static final int USUAL_CLUSTER_BYTES = 4096;
    private static final int MAX_CLUSTER_BYTES = 32 * 1024;
    private static final long MAX_SECTORS = 0xFFFF_FFFFL;

    /**
     * Chooses the clusters of a new volume: 4 KiB, smaller where that would be too few clusters,
     * larger where it would be too many.
     *
     * @throws FlipsideException {@code esp-too-small} when no size gives a FAT32
     */
    static FatGeometry plan(long sizeBytes, int sectorSizeBytes) throws FlipsideException {
        long sectors = sizeBytes / sectorSizeBytes;
        int clusterBytes = Math.max(USUAL_CLUSTER_BYTES, sectorSizeBytes);
        while (clusterBytes < MAX_CLUSTER_BYTES && sizeBytes / clusterBytes > 2_097_152) {
            clusterBytes *= 2;
        }
        while (sectors <= MAX_SECTORS && clusterBytes >= sectorSizeBytes) {
            Optional<FatGeometry> geometry = of(sectors, sectorSizeBytes, clusterBytes);
            if (geometry.isPresent()) {
                return geometry.get();
            }
            clusterBytes /= 2;
        }
        throw new FlipsideException(
                FailureCode.ESP_TOO_SMALL,
                "FAT32 file system",
                "%d MiB to 2 TiB, with sectors of %d bytes"
                        .formatted(sectorSizeBytes == 512 ? 34 : 258, sectorSizeBytes),
                "%d bytes".formatted(sizeBytes),
                "give the ESP another size");
    }

    private static Optional<FatGeometry> of(long sectors, int sectorSizeBytes, int clusterBytes) {
        int perCluster = clusterBytes / sectorSizeBytes;
        long clustersAtMost = (sectors - MIN_RESERVED_SECTORS) / perCluster;
        long entries = Math.max(0, clustersAtMost) + FIRST_CLUSTER;
        long fatSectors = Math.ceilDiv(entries * FAT_ENTRY_BYTES, (long) sectorSizeBytes);
        // Clusters start at a multiple of their own size, as the media likes it.
        long metadata = MIN_RESERVED_SECTORS + FATS * fatSectors;
        int padding = (int) (Math.ceilDiv(metadata, (long) perCluster) * perCluster - metadata);
        FatGeometry geometry =
                new FatGeometry(
                        sectorSizeBytes,
                        perCluster,
                        MIN_RESERVED_SECTORS + padding,
                        FATS,
                        fatSectors,
                        sectors);
        boolean fits = geometry.clusters() >= MIN_CLUSTERS && geometry.clusters() < MAX_CLUSTERS;
        return fits ? Optional.of(geometry) : Optional.empty();
    }

    int clusterSizeBytes() {
        return sectorSizeBytes * sectorsPerCluster;
    }

    long clusters() {
        long data = totalSectors - reservedSectors - fats * fatSectors;
        return data / sectorsPerCluster;
    }

    long fatOffsetBytes(int fat) {
        return (reservedSectors + fat * fatSectors) * sectorSizeBytes;
    }

    long fatSizeBytes() {
        return fatSectors * sectorSizeBytes;
    }

    long clusterOffsetBytes(long cluster) {
        return fatOffsetBytes(fats) + (cluster - FIRST_CLUSTER) * clusterSizeBytes();
    }

    boolean isCluster(long number) {
        return number >= FIRST_CLUSTER && number < clusters() + FIRST_CLUSTER;
    }
}
