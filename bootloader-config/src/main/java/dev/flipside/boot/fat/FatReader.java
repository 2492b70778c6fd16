package dev.flipside.boot.fat;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;

/**
 * Reads FAT32 volumes. Total on hostile bytes: what is not a well-formed volume is refused with
 * {@code esp-malformed}, chains are followed at most as far as there are clusters, and folders are
 * bounded in size and depth.
 */
public final class FatReader {
    private static final int MAX_FOLDER_BYTES = 65_536 * FatFolder.ENTRY_BYTES;
    private static final int MAX_DEPTH = 16;
    private static final int MAX_FILES = 65_536;
    private static final int CLUSTER_MASK = 0x0FFF_FFFF;
    private static final int END_OF_CHAIN = 0x0FFF_FFF8;

    private final RandomAccess volume;
    private final FatGeometry geometry;
    private final FatEntry root;

    private FatReader(RandomAccess volume, FatGeometry geometry, FatEntry root) {
        this.volume = volume;
        this.geometry = geometry;
        this.root = root;
    }

    public static FatReader open(RandomAccess volume) throws IOException, FlipsideException {
        if (volume.sizeBytes() < BootSector.MIN_BYTES) {
            throw malformed("a boot sector", "%d bytes".formatted(volume.sizeBytes()));
        }
        ByteBuffer sector = ByteBuffer.allocate(BootSector.MIN_BYTES);
        volume.read(sector, 0);
        FatGeometry geometry = BootSector.decode(sector, volume.sizeBytes());
        FatEntry root = new FatEntry("", true, 0, BootSector.rootCluster(sector));
        return new FatReader(volume, geometry, root);
    }

    /** Opens the volume that fills a partition. */
    public static FatReader open(BlockDevice partition) throws IOException, FlipsideException {
        return open(new DeviceBytes(partition));
    }

    /** The entries of a folder in the order in which they stand there; {@code ""} is the root. */
    public List<FatEntry> list(String path) throws IOException, FlipsideException {
        Optional<FatEntry> folder = find(path).filter(FatEntry::folder);
        if (folder.isEmpty()) {
            throw malformed("a folder '%s'".formatted(path), "none");
        }
        return list(folder.get());
    }

    /** The file or folder at a path, whatever the case of its letters. */
    public Optional<FatEntry> find(String path) throws IOException, FlipsideException {
        FatEntry entry = root;
        for (String name : path.isEmpty() ? new String[0] : path.split("/", -1)) {
            Optional<FatEntry> next =
                    !entry.folder()
                            ? Optional.empty()
                            : list(entry).stream()
                                    .filter(inner -> inner.name().equalsIgnoreCase(name))
                                    .findFirst();
            if (next.isEmpty()) {
                return next;
            }
            entry = next.get();
        }
        return Optional.of(entry);
    }

    /** Copies the contents of a file. */
    public void read(FatEntry file, WritableByteChannel out) throws IOException, FlipsideException {
        ByteBuffer buffer = ByteBuffer.allocate(geometry.clusterSizeBytes());
        long left = file.sizeBytes();
        long cluster = file.firstCluster();
        for (long steps = 0; left > 0; steps++) {
            checkCluster(cluster, steps);
            buffer.clear().limit((int) Math.min(left, buffer.capacity()));
            volume.read(buffer, geometry.clusterOffsetBytes(cluster));
            left -= buffer.flip().remaining();
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            cluster = left > 0 ? next(cluster) : cluster;
        }
    }

    /**
     * A file to read from any offset, which costs 4 bytes of memory for each of its clusters.
     *
     * @throws FlipsideException {@code esp-malformed} when its chain ends before its contents
     */
    public RandomAccess open(FatEntry file) throws IOException, FlipsideException {
        long size = file.sizeBytes();
        if (size > volume.sizeBytes()) {
            throw malformed("files within the volume", "%d bytes".formatted(size));
        }
        int[] clusters = new int[(int) Math.ceilDiv(size, (long) geometry.clusterSizeBytes())];
        long cluster = file.firstCluster();
        for (int i = 0; i < clusters.length; i++) {
            checkCluster(cluster, i);
            clusters[i] = (int) cluster;
            cluster = next(cluster);
        }
        return new FatFile(volume, geometry, clusters, size);
    }

    /** The whole of a small file. */
    public byte[] readAll(FatEntry file, int maxBytes) throws IOException, FlipsideException {
        if (file.sizeBytes() > maxBytes) {
            throw malformed(
                    "at most %d bytes in '%s'".formatted(maxBytes, file.name()),
                    String.valueOf(file.sizeBytes()));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        read(file, Channels.newChannel(out));
        return out.toByteArray();
    }

    /** Copies all files to a folder. */
    public void copyTo(DurableFolder target) throws IOException, FlipsideException {
        copy(root, "", new Copy(target), 0);
    }

    /** A copy under way, with the bounds that keep a hostile volume from growing without end. */
    private final class Copy {
        private final DurableFolder target;
        private int entries;
        private long contentBytes;

        Copy(DurableFolder target) {
            this.target = target;
        }

        void count(List<FatEntry> found, int depth) throws FlipsideException {
            entries += found.size();
            contentBytes += found.stream().mapToLong(FatEntry::sizeBytes).sum();
            if (depth > MAX_DEPTH || entries > MAX_FILES || contentBytes > volume.sizeBytes()) {
                throw malformed(
                        "at most %d files, %d folders deep, of %d bytes together"
                                .formatted(MAX_FILES, MAX_DEPTH, volume.sizeBytes()),
                        "more");
            }
        }
    }

    private void copy(FatEntry folder, String prefix, Copy copy, int depth)
            throws IOException, FlipsideException {
        List<FatEntry> found = list(folder);
        copy.count(found, depth);
        for (FatEntry entry : found) {
            if (entry.folder()) {
                copy(entry, prefix + entry.name() + "/", copy, depth + 1);
            } else {
                copyFile(entry, prefix + entry.name(), copy.target);
            }
        }
    }

    private void copyFile(FatEntry file, String path, DurableFolder target)
            throws IOException, FlipsideException {
        // A failure in the middle has to pass through an interface that knows IOException only.
        try {
            target.replace(
                    path,
                    out -> {
                        try {
                            read(file, out);
                        } catch (FlipsideException e) {
                            throw new IOException(e);
                        }
                    });
        } catch (IOException e) {
            if (e.getCause() instanceof FlipsideException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private List<FatEntry> list(FatEntry folder) throws IOException, FlipsideException {
        int cluster = geometry.clusterSizeBytes();
        ByteBuffer bytes = ByteBuffer.allocate(cluster);
        long current = folder.firstCluster();
        for (long steps = 0; !isEnd(current); steps++) {
            checkCluster(current, steps);
            if ((steps + 1) * cluster > MAX_FOLDER_BYTES) {
                throw malformed("folders of at most %d bytes".formatted(MAX_FOLDER_BYTES), "more");
            }
            bytes = grown(bytes, (int) (steps + 1) * cluster);
            volume.read(
                    bytes.slice((int) steps * cluster, cluster),
                    geometry.clusterOffsetBytes(current));
            current = next(current);
        }
        return FolderParser.parse(bytes);
    }

    private static ByteBuffer grown(ByteBuffer bytes, int size) {
        return size <= bytes.capacity()
                ? bytes
                : ByteBuffer.allocate(Math.max(size, bytes.capacity() * 2))
                        .put(0, bytes, 0, bytes.capacity());
    }

    private long next(long cluster) throws IOException {
        ByteBuffer entry =
                ByteBuffer.allocate(FatGeometry.FAT_ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        volume.read(entry, geometry.fatOffsetBytes(0) + cluster * FatGeometry.FAT_ENTRY_BYTES);
        return entry.getInt(0) & CLUSTER_MASK;
    }

    private static boolean isEnd(long cluster) {
        return cluster >= END_OF_CHAIN;
    }

    private void checkCluster(long cluster, long steps) throws FlipsideException {
        if (!geometry.isCluster(cluster) || steps >= geometry.clusters()) {
            throw malformed(
                    "a chain of clusters from 2 to %d".formatted(geometry.clusters() + 1),
                    steps >= geometry.clusters() ? "a ring" : "cluster %d".formatted(cluster));
        }
    }

    static FlipsideException malformed(String expected, String found) {
        return new FlipsideException(
                FailureCode.ESP_MALFORMED,
                "FAT32 file system",
                expected,
                found,
                "repair the ESP with fsck.vfat, or write the disk again");
    }

    /** A partition as bytes that can be read from any offset. */
    private record DeviceBytes(BlockDevice device) implements RandomAccess {
        @Override
        public long sizeBytes() {
            return device.sizeBytes();
        }

        @Override
        public void read(ByteBuffer destination, long offsetBytes) throws IOException {
            device.read(destination, offsetBytes);
        }
    }
}
