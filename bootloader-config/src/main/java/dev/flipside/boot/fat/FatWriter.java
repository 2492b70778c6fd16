package dev.flipside.boot.fat;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Writes a FAT32 volume (Microsoft FAT specification 1.03) in one go. Files and folders lie one
 * after the other, each in one piece, in the order of their names; the same input gives the same
 * bytes. Memory holds the folders and one buffer, never a file.
 */
public final class FatWriter {
    private static final int COPY_BYTES = 1 << 20;
    private static final long MAX_FILE_BYTES = 0xFFFF_FFFFL;
    private static final int END_OF_CHAIN = 0x0FFF_FFFF;
    private static final int FIRST_FAT_ENTRY = 0x0FFF_FFF8;
    private static final int MAX_FOLDER_BYTES = 65_536 * FatFolder.ENTRY_BYTES;

    private final FatFolder root = new FatFolder();
    private final FatParameters parameters;
    private final FatGeometry geometry;
    private final List<Chain> chains = new ArrayList<>();
    private long nextCluster = FatGeometry.FIRST_CLUSTER;

    private record Chain(long first, long length) {}

    /**
     * Starts a volume.
     *
     * @throws FlipsideException {@code esp-too-small} when the size cannot be that of a FAT32
     */
    public FatWriter(FatParameters parameters) throws FlipsideException {
        this.parameters = parameters;
        this.geometry = FatGeometry.plan(parameters.sizeBytes(), parameters.sectorSizeBytes());
    }

    /** The room for the contents of all files and folders, each rounded up to whole clusters. */
    public long capacityBytes() {
        return geometry.clusters() * geometry.clusterSizeBytes();
    }

    /** Adds a file; the folders above it come by themselves. */
    public FatWriter file(String path, RandomAccess content) {
        int slash = path.lastIndexOf('/');
        parent(slash < 0 ? "" : path.substring(0, slash)).file(path.substring(slash + 1), content);
        return this;
    }

    /** Adds a folder, and those above it. */
    public FatWriter folder(String path) {
        parent(path);
        return this;
    }

    /**
     * Writes the volume to the start of a device, and leaves free clusters as they are.
     *
     * @param written is told how many bytes of contents each step has written
     * @throws FlipsideException {@code esp-too-small} before anything is written, when the files do
     *     not fit
     */
    public void write(BlockDevice device, LongConsumer written)
            throws IOException, FlipsideException {
        place(root, true);
        long used = nextCluster - FatGeometry.FIRST_CLUSTER;
        if (used > geometry.clusters()) {
            throw tooSmall(used * geometry.clusterSizeBytes());
        }
        writeReserved(device, used);
        for (int fat = 0; fat < geometry.fats(); fat++) {
            writeFat(device, geometry.fatOffsetBytes(fat));
        }
        writeFolder(device, root, 0, written);
    }

    private FatFolder parent(String path) {
        FatFolder folder = root;
        for (String name : path.isEmpty() ? new String[0] : path.split("/", -1)) {
            folder = folder.folder(name);
        }
        return folder;
    }

    private void place(FatFolder folder, boolean isRoot) throws FlipsideException {
        int size = folder.sizeBytes(isRoot);
        if (size > MAX_FOLDER_BYTES) {
            throw new IllegalArgumentException("a folder of %d bytes".formatted(size));
        }
        folder.firstCluster = take(size);
        for (FatFolder.File file : folder.files.values()) {
            if (file.content.sizeBytes() > MAX_FILE_BYTES) {
                throw tooSmall(file.content.sizeBytes());
            }
            file.firstCluster = file.content.sizeBytes() == 0 ? 0 : take(file.content.sizeBytes());
        }
        for (FatFolder inner : folder.folders.values()) {
            place(inner, false);
        }
    }

    private long take(long sizeBytes) {
        long first = nextCluster;
        long length = Math.ceilDiv(sizeBytes, (long) geometry.clusterSizeBytes());
        chains.add(new Chain(first, length));
        nextCluster += length;
        return first;
    }

    private void writeReserved(BlockDevice device, long usedClusters) throws IOException {
        int sector = geometry.sectorSizeBytes();
        ByteBuffer area = ByteBuffer.allocate(geometry.reservedSectors() * sector);
        for (int copy : new int[] {0, BootSector.BACKUP_SECTOR}) {
            area.put(copy * sector, BootSector.encode(geometry, parameters), 0, sector);
            area.put(
                    (copy + BootSector.FS_INFO_SECTOR) * sector,
                    BootSector.encodeInfo(geometry, usedClusters),
                    0,
                    sector);
        }
        device.write(area, 0);
    }

    private void writeFat(BlockDevice device, long offsetBytes) throws IOException {
        FatStream out = new FatStream(device, offsetBytes, geometry.fatSizeBytes());
        out.put(FIRST_FAT_ENTRY);
        out.put(END_OF_CHAIN);
        for (Chain chain : chains) {
            for (long next = chain.first() + 1; next < chain.first() + chain.length(); next++) {
                out.put((int) next);
            }
            out.put(END_OF_CHAIN);
        }
        out.end();
    }

    private void writeFolder(
            BlockDevice device, FatFolder folder, long parentCluster, LongConsumer written)
            throws IOException {
        boolean isRoot = folder == root;
        int cluster = geometry.clusterSizeBytes();
        int size = Math.ceilDiv(folder.sizeBytes(isRoot), cluster) * cluster;
        ByteBuffer entries =
                isRoot
                        ? folder.encodeRoot(parameters.label(), parameters.time(), size)
                        : folder.encode(parentCluster, parameters.time(), size);
        device.write(entries, geometry.clusterOffsetBytes(folder.firstCluster));
        for (FatFolder.File file : folder.files.values()) {
            writeFile(device, file, written);
        }
        for (FatFolder inner : folder.folders.values()) {
            writeFolder(device, inner, isRoot ? 0 : folder.firstCluster, written);
        }
    }

    private void writeFile(BlockDevice device, FatFolder.File file, LongConsumer written)
            throws IOException {
        long size = file.content.sizeBytes();
        long start = geometry.clusterOffsetBytes(file.firstCluster);
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(COPY_BYTES, alignedUp(size)));
        for (long done = 0; done < size; ) {
            int length = (int) Math.min(buffer.capacity(), size - done);
            buffer.clear().limit(length);
            file.content.read(buffer, done);
            // What follows the end within the last cluster is zero and not what was there.
            buffer.limit((int) Math.min(buffer.capacity(), alignedUp(length)));
            while (buffer.hasRemaining()) {
                buffer.put((byte) 0);
            }
            device.write(buffer.flip(), start + done);
            done += length;
            written.accept(length);
        }
    }

    private long alignedUp(long size) {
        return Math.ceilDiv(size, (long) geometry.clusterSizeBytes()) * geometry.clusterSizeBytes();
    }

    private FlipsideException tooSmall(long neededBytes) {
        return new FlipsideException(
                FailureCode.ESP_TOO_SMALL,
                "FAT32 file system",
                "room for %d bytes".formatted(neededBytes),
                "%d bytes".formatted(capacityBytes()),
                "make the ESP larger");
    }

    /** The entries of one FAT, written in pieces. */
    private static final class FatStream {
        private final BlockDevice device;
        private final long endBytes;
        private final ByteBuffer buffer =
                ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        private long positionBytes;

        FatStream(BlockDevice device, long offsetBytes, long sizeBytes) {
            this.device = device;
            this.positionBytes = offsetBytes;
            this.endBytes = offsetBytes + sizeBytes;
        }

        void put(int entry) throws IOException {
            buffer.putInt(entry);
            if (!buffer.hasRemaining()) {
                flush();
            }
        }

        /** Marks all other clusters as free. */
        void end() throws IOException {
            while (positionBytes + buffer.position() < endBytes) {
                put(0);
            }
            flush();
        }

        private void flush() throws IOException {
            int length = buffer.flip().remaining();
            device.write(buffer, positionBytes);
            positionBytes += length;
            buffer.clear();
        }
    }
}
