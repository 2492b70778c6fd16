package dev.flipside.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A sparse disk in memory that fails as disks do.
 *
 * <p>What is written is kept by sector, in every version since the last flush. When the power goes,
 * each such sector ends up, by the seed, with its flushed content or any of these versions: so
 * writes are lost, reordered and torn between sectors, and never within one. A cut in the middle of
 * a flush does the same.
 *
 * <p>Further faults: {@link #failReads}, {@link #failWrites}, {@link #loseWrites} (the page cache
 * shows them, the medium never gets them) and {@link #rot}.
 */
public final class FaultyDisk implements BlockDevice {
    private final long sizeBytes;
    private final int sectorSizeBytes;
    private final SplittableRandom random;
    private final Map<Long, byte[]> medium = new HashMap<>();
    private final TreeMap<Long, List<byte[]>> unflushed = new TreeMap<>();
    private final Map<Long, byte[]> lost = new HashMap<>();
    private final List<Range> unreadable = new ArrayList<>();
    private final List<Range> unwritable = new ArrayList<>();
    private final List<Range> losing = new ArrayList<>();
    private PowerLine power = PowerLine.steady();
    private String writeError = "Input/output error";
    private long writtenBytes;

    private record Range(long offsetBytes, long lengthBytes) {
        boolean touches(long offset, long length) {
            return offset < offsetBytes + lengthBytes && offsetBytes < offset + length;
        }
    }

    public FaultyDisk(long sizeBytes, int sectorSizeBytes, long seed) {
        if (sizeBytes % sectorSizeBytes != 0) {
            throw new IllegalArgumentException("not a whole number of sectors");
        }
        this.sizeBytes = sizeBytes;
        this.sectorSizeBytes = sectorSizeBytes;
        this.random = new SplittableRandom(seed);
    }

    /** A disk of its own with what this one has on its medium, on a steady line. */
    public FaultyDisk copy(long seed) {
        return grown(sizeBytes, seed);
    }

    /** The same, and the disk is longer, as a cloud makes it. */
    public FaultyDisk grown(long newSizeBytes, long seed) {
        FaultyDisk copy = new FaultyDisk(newSizeBytes, sectorSizeBytes, seed);
        medium.forEach((sector, bytes) -> copy.medium.put(sector, bytes.clone()));
        return copy;
    }

    /** Goes on with another line, as a running machine; nothing is lost. */
    public synchronized void plugInto(PowerLine line) {
        power = line;
    }

    /** Loses what a power cut loses, and starts on a new line. Injected faults stay. */
    public synchronized void powerOn(PowerLine line) {
        unflushed.forEach(
                (sector, versions) -> {
                    int survivor = random.nextInt(versions.size() + 1) - 1;
                    if (survivor >= 0) {
                        medium.put(sector, versions.get(survivor));
                    }
                });
        unflushed.clear();
        lost.clear();
        power = line;
    }

    /** Every read that touches the range fails. */
    public synchronized void failReads(long offsetBytes, long lengthBytes) {
        unreadable.add(new Range(offsetBytes, lengthBytes));
    }

    /** Every write that touches the range fails, before it changes anything. */
    public synchronized void failWrites(long offsetBytes, long lengthBytes) {
        unwritable.add(new Range(offsetBytes, lengthBytes));
    }

    /** As {@link #failWrites}, with the error of a thinly provisioned disk that is full. */
    public synchronized void refuseForRoom(long offsetBytes, long lengthBytes) {
        failWrites(offsetBytes, lengthBytes);
        writeError = DiskFull.NO_SPACE;
    }

    /** Writes to the range succeed, and {@link #read} shows them, but the medium stays as it is. */
    public synchronized void loseWrites(long offsetBytes, long lengthBytes) {
        losing.add(new Range(offsetBytes, lengthBytes));
    }

    /** Takes back every injected fault, except for what has rotted. */
    public synchronized void heal() {
        unreadable.clear();
        unwritable.clear();
        losing.clear();
    }

    /** Flips bits of one byte on the medium. */
    public synchronized void rot(long offsetBytes, int bits) {
        if ((bits & 0xff) == 0) {
            throw new IllegalArgumentException("no bit to flip");
        }
        long sector = offsetBytes / sectorSizeBytes;
        byte[] bytes = latest(sector).clone();
        bytes[(int) (offsetBytes % sectorSizeBytes)] ^= (byte) bits;
        medium.put(sector, bytes);
        unflushed.remove(sector);
    }

    /** How many bytes were written so far. */
    public synchronized long writtenBytes() {
        return writtenBytes;
    }

    /** How many sectors a power cut would put at risk now. */
    public synchronized int unflushedSectors() {
        return unflushed.size();
    }

    @Override
    public synchronized long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public synchronized int sectorSizeBytes() {
        return sectorSizeBytes;
    }

    @Override
    public synchronized void read(ByteBuffer destination, long offsetBytes) throws IOException {
        read(destination, offsetBytes, true);
    }

    @Override
    public synchronized void readPastCache(ByteBuffer destination, long offsetBytes)
            throws IOException {
        DeviceRange.requireAligned(offsetBytes, destination.remaining());
        read(destination, offsetBytes, false);
    }

    private void read(ByteBuffer destination, long offsetBytes, boolean cached) throws IOException {
        power.require();
        DeviceRange.requireReadable(offsetBytes, destination.remaining(), sizeBytes);
        requireNone(unreadable, offsetBytes, destination.remaining(), "Input/output error");
        long offset = offsetBytes;
        while (destination.hasRemaining()) {
            long sector = offset / sectorSizeBytes;
            int start = (int) (offset % sectorSizeBytes);
            int lengthBytes = Math.min(sectorSizeBytes - start, destination.remaining());
            byte[] bytes = cached && lost.containsKey(sector) ? lost.get(sector) : latest(sector);
            destination.put(bytes, start, lengthBytes);
            offset += lengthBytes;
        }
    }

    private byte[] latest(long sector) {
        List<byte[]> versions = unflushed.get(sector);
        if (versions != null) {
            return versions.getLast();
        }
        byte[] bytes = medium.get(sector);
        return bytes == null ? new byte[sectorSizeBytes] : bytes;
    }

    @Override
    public synchronized void write(ByteBuffer source, long offsetBytes) throws IOException {
        power.require();
        DeviceRange.requireWritable(offsetBytes, source.remaining(), sizeBytes);
        requireNone(unwritable, offsetBytes, source.remaining(), writeError);
        power.spend(1);
        writtenBytes += source.remaining();
        long offset = offsetBytes;
        while (source.hasRemaining()) {
            long sector = offset / sectorSizeBytes;
            int start = (int) (offset % sectorSizeBytes);
            int lengthBytes = Math.min(sectorSizeBytes - start, source.remaining());
            byte[] bytes = Arrays.copyOf(latest(sector), sectorSizeBytes);
            source.get(bytes, start, lengthBytes);
            put(sector, bytes);
            offset += lengthBytes;
        }
        power.require();
    }

    private void put(long sector, byte[] bytes) {
        boolean isLost =
                losing.stream().anyMatch(r -> r.touches(sector * sectorSizeBytes, sectorSizeBytes));
        if (isLost) {
            lost.put(sector, bytes);
        } else {
            unflushed.computeIfAbsent(sector, key -> new ArrayList<>()).add(bytes);
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        if (power.spend(1) == 1) {
            unflushed.forEach((sector, versions) -> medium.put(sector, versions.getLast()));
            unflushed.clear();
        }
        power.require();
    }

    private static void requireNone(
            List<Range> ranges, long offsetBytes, long lengthBytes, String error)
            throws IOException {
        for (Range range : ranges) {
            if (range.touches(offsetBytes, lengthBytes)) {
                throw new IOException(error);
            }
        }
    }

    @Override
    public synchronized void close() {
        // The disk stays in the machine: the next program may open it again.
    }

    @Override
    public synchronized String toString() {
        return "faulty disk";
    }
}
