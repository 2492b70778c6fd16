package dev.flipside.builder.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * A qcow2 file of version 3 (QEMU, docs/interop/qcow2.txt), without a backing file, snapshots or
 * compression. Clusters have 64 KiB: the header, then the disk's clusters in the order in which
 * they were first written to, then second-level tables, first-level table, refcount table and
 * refcount blocks. All integers are big-endian.
 *
 * <p>Invariant: every cluster of the finished file is used exactly once, so all refcounts are one.
 * Memory holds four bytes for each cluster of those 512 MiB of the disk that hold anything.
 */
final class Qcow2Disk implements NewDisk {
    private static final int CLUSTER_BITS = 16;
    private static final int CLUSTER_BYTES = 1 << CLUSTER_BITS;
    private static final int TABLE_ENTRIES = CLUSTER_BYTES / Long.BYTES;
    private static final int REFCOUNT_ORDER = 4;
    private static final int BLOCK_ENTRIES = CLUSTER_BYTES / Short.BYTES;
    private static final int MAGIC = 0x514649FB;
    private static final int VERSION = 3;
    private static final int HEADER_BYTES = 104;

    /** "Refcount is exactly one", so that a writer need not look. */
    private static final long COPIED = 1L << 63;

    private final FileChannel channel;
    private final long sizeBytes;
    private final int sectorSizeBytes;

    /** The clusters of the file that hold those of the disk; 0, the header's, for none. */
    private final int[][] clusters;

    private int nextCluster = 1;

    Qcow2Disk(FileChannel channel, long sizeBytes, int sectorSizeBytes) {
        this.channel = channel;
        this.sizeBytes = sizeBytes;
        this.sectorSizeBytes = sectorSizeBytes;
        long diskClusters = Math.ceilDiv(sizeBytes, (long) CLUSTER_BYTES);
        this.clusters = new int[Math.toIntExact(Math.ceilDiv(diskClusters, TABLE_ENTRIES))][];
    }

    @Override
    public void write(ByteBuffer source, long offsetBytes) throws IOException {
        checkRange(source, offsetBytes);
        long offset = offsetBytes;
        while (source.hasRemaining()) {
            ByteBuffer piece = nextPiece(source, offset);
            long cluster = cluster(offset);
            if (cluster == 0 && !NewDisk.isZero(piece)) {
                cluster = allocate(offset);
            }
            source.position(source.position() + piece.remaining());
            long next = offset + piece.remaining();
            if (cluster != 0) {
                put(piece, cluster * CLUSTER_BYTES + offset % CLUSTER_BYTES);
            }
            offset = next;
        }
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        checkRange(destination, offsetBytes);
        long offset = offsetBytes;
        while (destination.hasRemaining()) {
            ByteBuffer piece = nextPiece(destination, offset);
            int length = piece.remaining();
            long cluster = cluster(offset);
            // What a cluster's write left out may lie beyond the end of the file so far.
            long position = cluster * CLUSTER_BYTES + offset % CLUSTER_BYTES;
            boolean there = cluster != 0;
            while (there && piece.hasRemaining()) {
                there = channel.read(piece, position + length - piece.remaining()) > 0;
            }
            while (piece.hasRemaining()) {
                piece.put((byte) 0);
            }
            destination.position(destination.position() + length);
            offset += length;
        }
    }

    @Override
    public void finish() throws IOException {
        int tables = 0;
        for (int[] table : clusters) {
            tables += table == null ? 0 : 1;
        }
        int firstLevel = Math.ceilDiv(clusters.length, TABLE_ENTRIES);
        long firstTable = nextCluster;
        long firstLevelAt = firstTable + tables;
        long refcountTableAt = firstLevelAt + firstLevel;
        Refcounts refcounts = Refcounts.of(refcountTableAt);
        writeTables(firstTable, firstLevelAt);
        writeRefcounts(refcountTableAt, refcounts);
        writeHeader(firstLevelAt, refcountTableAt, refcounts.tableClusters());
    }

    /**
     * How many clusters the refcounts take, which count themselves, too.
     *
     * @param clusters of the whole file
     */
    private record Refcounts(long tableClusters, long blocks, long clusters) {
        static Refcounts of(long otherClusters) {
            Refcounts counted = new Refcounts(0, 0, otherClusters);
            while (true) {
                long blocks = Math.ceilDiv(counted.clusters, (long) BLOCK_ENTRIES);
                long table = Math.ceilDiv(blocks, (long) TABLE_ENTRIES);
                Refcounts next = new Refcounts(table, blocks, otherClusters + table + blocks);
                if (next.equals(counted)) {
                    return next;
                }
                counted = next;
            }
        }
    }

    private void writeTables(long firstTable, long firstLevelAt) throws IOException {
        ByteBuffer firstLevel = cluster();
        ByteBuffer table = cluster();
        long tableAt = firstTable;
        long position = firstLevelAt * CLUSTER_BYTES;
        for (int[] entries : clusters) {
            if (entries == null) {
                firstLevel.putLong(0);
            } else {
                firstLevel.putLong(COPIED | tableAt * CLUSTER_BYTES);
                table.clear();
                for (int entry : entries) {
                    table.putLong(entry == 0 ? 0 : COPIED | (long) entry << CLUSTER_BITS);
                }
                put(table.flip(), tableAt * CLUSTER_BYTES);
                tableAt++;
            }
            if (!firstLevel.hasRemaining()) {
                put(firstLevel.flip(), position);
                position += CLUSTER_BYTES;
                firstLevel.clear();
            }
        }
        if (firstLevel.position() > 0) {
            put(filled(firstLevel), position);
        }
    }

    private void writeRefcounts(long tableAt, Refcounts refcounts) throws IOException {
        long firstBlock = tableAt + refcounts.tableClusters();
        ByteBuffer piece = cluster();
        for (long i = 0; i < refcounts.tableClusters(); i++) {
            piece.clear();
            for (long block = i * TABLE_ENTRIES; piece.hasRemaining(); block++) {
                boolean used = block < refcounts.blocks();
                piece.putLong(used ? (firstBlock + block) * CLUSTER_BYTES : 0);
            }
            put(piece.flip(), (tableAt + i) * CLUSTER_BYTES);
        }
        for (long block = 0; block < refcounts.blocks(); block++) {
            piece.clear();
            for (long counted = block * BLOCK_ENTRIES; piece.hasRemaining(); counted++) {
                piece.putShort((short) (counted < refcounts.clusters() ? 1 : 0));
            }
            put(piece.flip(), (firstBlock + block) * CLUSTER_BYTES);
        }
    }

    private void writeHeader(long firstLevelAt, long refcountTableAt, long refcountTableClusters)
            throws IOException {
        ByteBuffer header = cluster();
        header.putInt(0, MAGIC)
                .putInt(4, VERSION)
                .putInt(20, CLUSTER_BITS)
                .putLong(24, sizeBytes)
                .putInt(36, clusters.length)
                .putLong(40, firstLevelAt * CLUSTER_BYTES)
                .putLong(48, refcountTableAt * CLUSTER_BYTES)
                .putInt(56, Math.toIntExact(refcountTableClusters))
                .putInt(96, REFCOUNT_ORDER)
                .putInt(100, HEADER_BYTES);
        put(header, 0);
    }

    private long cluster(long offset) {
        long index = offset / CLUSTER_BYTES;
        int[] table = clusters[(int) (index / TABLE_ENTRIES)];
        return table == null ? 0 : table[(int) (index % TABLE_ENTRIES)];
    }

    private long allocate(long offset) {
        long index = offset / CLUSTER_BYTES;
        int table = (int) (index / TABLE_ENTRIES);
        if (clusters[table] == null) {
            clusters[table] = new int[TABLE_ENTRIES];
        }
        clusters[table][(int) (index % TABLE_ENTRIES)] = nextCluster;
        return nextCluster++;
    }

    private static ByteBuffer nextPiece(ByteBuffer buffer, long offset) {
        int toCluster = CLUSTER_BYTES - (int) (offset % CLUSTER_BYTES);
        return buffer.slice(buffer.position(), Math.min(toCluster, buffer.remaining()));
    }

    private void put(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private static ByteBuffer cluster() {
        return ByteBuffer.allocate(CLUSTER_BYTES).order(ByteOrder.BIG_ENDIAN);
    }

    private static ByteBuffer filled(ByteBuffer piece) {
        while (piece.hasRemaining()) {
            piece.put((byte) 0);
        }
        return piece.flip();
    }

    private void checkRange(ByteBuffer bytes, long offsetBytes) throws EOFException {
        if (offsetBytes < 0 || bytes.remaining() > sizeBytes - offsetBytes) {
            throw new EOFException(
                    "%d bytes at %d of %d".formatted(bytes.remaining(), offsetBytes, sizeBytes));
        }
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int sectorSizeBytes() {
        return sectorSizeBytes;
    }

    @Override
    public void readPastCache(ByteBuffer destination, long offsetBytes) throws IOException {
        read(destination, offsetBytes);
    }

    @Override
    public void flush() {
        // The file gets its name when all of it is durable; until then nobody counts on any part.
    }

    @Override
    public void close() {
        // The file belongs to whoever opened it.
    }
}
