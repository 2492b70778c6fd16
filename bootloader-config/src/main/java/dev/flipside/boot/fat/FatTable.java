package dev.flipside.boot.fat;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DiskFull;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * The allocation tables of a volume that is changed in place (Microsoft FAT specification 1.03,
 * section 4). The last copy is written first: readers use the first.
 */
final class FatTable {
    private static final int WINDOW_BYTES = 1 << 12;
    private static final int CLUSTER_MASK = 0x0FFF_FFFF;
    private static final int END_OF_CHAIN = 0x0FFF_FFFF;
    private static final int FIRST_END_OF_CHAIN = 0x0FFF_FFF8;

    private final BlockDevice device;
    private final FatGeometry geometry;

    FatTable(BlockDevice device, FatGeometry geometry) {
        this.device = device;
        this.geometry = geometry;
    }

    /** The clusters of a file or folder, from its first one on; none for 0. */
    int[] chain(long first, long maxClusters) throws IOException, FlipsideException {
        int[] chain = new int[(int) Math.min(16, maxClusters)];
        int length = 0;
        Window window = new Window(0);
        for (long next = first; next != 0 && next < FIRST_END_OF_CHAIN; length++) {
            if (!geometry.isCluster(next) || length >= maxClusters) {
                throw FatReader.malformed(
                        "a chain of at most %d clusters from 2 to %d"
                                .formatted(maxClusters, geometry.clusters() + 1),
                        length >= maxClusters ? "more" : "cluster %d".formatted(next));
            }
            if (length == chain.length) {
                chain = Arrays.copyOf(chain, (int) Math.min(2L * length, maxClusters));
            }
            chain[length] = (int) next;
            next = window.get((int) next);
        }
        return Arrays.copyOf(chain, length);
    }

    /**
     * Clusters that nothing uses, in ascending order. They stay free until they are linked.
     *
     * @throws IOException with {@link DiskFull} as its reason, when there are fewer than {@code
     *     least}
     */
    int[] findFree(int least, int most) throws IOException {
        int[] found = new int[most];
        int length = 0;
        Window window = new Window(0);
        for (int cluster = FatGeometry.FIRST_CLUSTER;
                length < most && geometry.isCluster(cluster);
                cluster++) {
            if (window.get(cluster) == 0) {
                found[length++] = cluster;
            }
        }
        if (length < least) {
            throw DiskFull.of(
                    "FAT32 file system",
                    "expected %d free clusters, found %d".formatted(least, length));
        }
        return Arrays.copyOf(found, length);
    }

    long freeClusters() throws IOException {
        long free = 0;
        Window window = new Window(0);
        for (int cluster = FatGeometry.FIRST_CLUSTER; geometry.isCluster(cluster); cluster++) {
            free += window.get(cluster) == 0 ? 1 : 0;
        }
        return free;
    }

    /** Makes a chain of these clusters, durably. */
    void link(int[] chain) throws IOException {
        set(chain, i -> i + 1 < chain.length ? chain[i + 1] : END_OF_CHAIN);
        count(-chain.length);
        device.flush();
    }

    /** Lets a linked chain of one follow the last cluster of another, durably. */
    void join(int last, int next) throws IOException {
        set(new int[] {last}, i -> next);
        device.flush();
    }

    /** Gives the clusters of a chain back, durably. */
    void free(int[] chain) throws IOException {
        set(chain, i -> 0);
        count(chain.length);
        device.flush();
    }

    private void set(int[] clusters, IntUnaryOperator value) throws IOException {
        for (int fat = geometry.fats() - 1; fat >= 0; fat--) {
            Window window = new Window(fat);
            for (int i = 0; i < clusters.length; i++) {
                window.set(clusters[i], value.applyAsInt(i));
            }
            window.write();
        }
    }

    /** Keeps the count in FSInfo (section 5), which is a hint: nothing depends on it. */
    private void count(int more) throws IOException {
        for (int copy : new int[] {BootSector.BACKUP_SECTOR, 0}) {
            long offset = (copy + BootSector.FS_INFO_SECTOR) * (long) geometry.sectorSizeBytes();
            ByteBuffer info =
                    ByteBuffer.allocate(BootSector.MIN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            device.read(info, offset);
            long free = Integer.toUnsignedLong(info.getInt(488));
            if (info.getInt(0) == 0x4161_5252 && free <= geometry.clusters()) {
                info.putInt(488, (int) Math.clamp(free + more, 0, geometry.clusters()));
                device.write(info.rewind(), offset);
            }
        }
    }

    /** A piece of one copy of the table, which moves to where it is asked for. */
    private final class Window {
        private final int fat;
        private final ByteBuffer piece =
                ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private long startBytes = -1;
        private boolean changed;

        Window(int fat) {
            this.fat = fat;
        }

        int get(int cluster) throws IOException {
            return piece.getInt(at(cluster)) & CLUSTER_MASK;
        }

        void set(int cluster, int value) throws IOException {
            int at = at(cluster);
            // The highest four bits are reserved and stay as they are.
            piece.putInt(at, (piece.getInt(at) & ~CLUSTER_MASK) | (value & CLUSTER_MASK));
            changed = true;
        }

        private int at(int cluster) throws IOException {
            long offset = (long) cluster * FatGeometry.FAT_ENTRY_BYTES;
            long start = offset / WINDOW_BYTES * WINDOW_BYTES;
            if (start != startBytes) {
                write();
                startBytes = start;
                piece.clear().limit((int) Math.min(WINDOW_BYTES, geometry.fatSizeBytes() - start));
                device.read(piece, geometry.fatOffsetBytes(fat) + start);
            }
            return (int) (offset - start);
        }

        void write() throws IOException {
            if (changed) {
                device.write(piece.flip(), geometry.fatOffsetBytes(fat) + startBytes);
                changed = false;
            }
        }
    }
}
