package dev.flipside.platform;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A real block device, or a file that stands for one.
 *
 * <p>Invariants: the size is the one at opening, and no write changes it. A device that was opened
 * for writing holds an exclusive lock on the whole file until it is closed, so that two updaters
 * never write to one disk. The lock is advisory; whether the kernel uses a partition (mounts,
 * device-mapper) is asked of {@link KernelBlockDevices#holders}.
 *
 * <p>{@link #readPastCache} uses direct I/O. Where the file system refuses that (some network and
 * memory file systems, or one whose blocks are larger than 4096 bytes) it reads through the page
 * cache, and {@link #readsPastCache} says so.
 */
public final class FileBlockDevice implements BlockDevice {
    /** The sector size of a file that stands for a disk, unless told otherwise. */
    public static final int FILE_SECTOR_SIZE_BYTES = 512;

    private static final int DIRECT_ALIGNMENT_BYTES = 4096;
    private static final int BOUNCE_BYTES = 1 << 19;

    private final Path path;
    private final FileChannel channel;
    private final FileChannel direct;
    private final boolean ownsChannel;
    private final long sizeBytes;
    private final int sectorSizeBytes;

    /** Aligned buffers that are not in use; several threads may read at a time. */
    private final Queue<ByteBuffer> bounces = new ConcurrentLinkedQueue<>();

    /** Opens a second channel for reads past the page cache, or throws where that is refused. */
    @FunctionalInterface
    interface DirectOpener {
        FileChannel open(Path path) throws IOException;
    }

    private FileBlockDevice(
            Path path,
            FileChannel channel,
            FileChannel direct,
            boolean ownsChannel,
            int sectorSizeBytes)
            throws IOException {
        this.path = path;
        this.channel = channel;
        this.direct = direct;
        this.ownsChannel = ownsChannel;
        this.sizeBytes = channel.size();
        this.sectorSizeBytes = sectorSizeBytes;
    }

    /** Opens for reading only, without a lock. */
    public static FileBlockDevice openForReading(Path path) throws IOException {
        return open(path, Set.of(StandardOpenOption.READ), sectorSizeBytes(path));
    }

    /** Opens for reading and writing, exclusively. */
    public static FileBlockDevice openForWriting(Path path) throws IOException {
        return openForWriting(path, sectorSizeBytes(path));
    }

    /** Opens a file that stands for a disk with the given sector size. */
    public static FileBlockDevice openForWriting(Path path, int sectorSizeBytes)
            throws IOException {
        return open(
                path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE), sectorSizeBytes);
    }

    /** Opens a file that stands for a disk with the given sector size, without a lock. */
    public static FileBlockDevice openForReading(Path path, int sectorSizeBytes)
            throws IOException {
        return open(path, Set.of(StandardOpenOption.READ), sectorSizeBytes);
    }

    /** Looks at an open channel as a device; closing the device leaves the channel open. */
    static FileBlockDevice over(Path path, FileChannel channel, int sectorSizeBytes)
            throws IOException {
        return new FileBlockDevice(path, channel, null, false, checkedSectorSize(sectorSizeBytes));
    }

    private static FileBlockDevice open(Path path, Set<OpenOption> options, int sectorSizeBytes)
            throws IOException {
        return open(path, options, sectorSizeBytes, FileBlockDevice::openDirect);
    }

    static FileBlockDevice open(
            Path path, Set<OpenOption> options, int sectorSizeBytes, DirectOpener opener)
            throws IOException {
        checkedSectorSize(sectorSizeBytes);
        FileChannel channel = FileChannel.open(path, options);
        FileChannel direct = null;
        try {
            if (options.contains(StandardOpenOption.WRITE)) {
                lock(path, channel);
            }
            direct = directOrNull(path, opener);
            return new FileBlockDevice(path, channel, direct, true, sectorSizeBytes);
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (direct != null) {
                direct.close();
            }
            throw e;
        }
    }

    private static void lock(Path path, FileChannel channel) throws IOException {
        try {
            if (channel.tryLock() == null) {
                throw new FileSystemException(path.toString(), null, "in use by another process");
            }
        } catch (OverlappingFileLockException e) {
            FileSystemException inUse =
                    new FileSystemException(path.toString(), null, "already open for writing");
            inUse.initCause(e);
            throw inUse;
        }
    }

    private static FileChannel openDirect(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
    }

    private static FileChannel directOrNull(Path path, DirectOpener opener) throws IOException {
        if (Files.getFileStore(path).getBlockSize() > DIRECT_ALIGNMENT_BYTES) {
            return null;
        }
        try {
            return opener.open(path);
        } catch (FileSystemException | UnsupportedOperationException e) {
            // The ordinary channel is open already, so it is only the flag that was refused.
            return null;
        }
    }

    private static int sectorSizeBytes(Path path) throws IOException {
        return Files.isRegularFile(path)
                ? FILE_SECTOR_SIZE_BYTES
                : KernelBlockDevices.ofThisMachine().sectorSizeBytes(path);
    }

    private static int checkedSectorSize(int sectorSizeBytes) {
        if (sectorSizeBytes != 512 && sectorSizeBytes != 4096) {
            throw new IllegalArgumentException("sector size of " + sectorSizeBytes + " bytes");
        }
        return sectorSizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int sectorSizeBytes() {
        return sectorSizeBytes;
    }

    /** Whether {@link #readPastCache} really does. */
    public boolean readsPastCache() {
        return direct != null;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        DeviceRange.requireReadable(offsetBytes, destination.remaining(), sizeBytes);
        readFully(channel, destination, offsetBytes);
    }

    @Override
    public void readPastCache(ByteBuffer destination, long offsetBytes) throws IOException {
        DeviceRange.requireReadable(offsetBytes, destination.remaining(), sizeBytes);
        DeviceRange.requireAligned(offsetBytes, destination.remaining());
        if (direct == null) {
            readFully(channel, destination, offsetBytes);
        } else if (isAligned(destination)) {
            readFully(direct, destination, offsetBytes);
        } else {
            readThroughBounce(destination, offsetBytes);
        }
    }

    private static boolean isAligned(ByteBuffer buffer) {
        return buffer.isDirect()
                && buffer.alignmentOffset(buffer.position(), DIRECT_ALIGNMENT_BYTES) == 0;
    }

    private void readThroughBounce(ByteBuffer destination, long offsetBytes) throws IOException {
        ByteBuffer idle = bounces.poll();
        ByteBuffer bounce = idle == null ? alignedBuffer() : idle;
        long offset = offsetBytes;
        while (destination.hasRemaining()) {
            bounce.clear().limit(Math.min(BOUNCE_BYTES, destination.remaining()));
            int lengthBytes = bounce.remaining();
            readFully(direct, bounce, offset);
            destination.put(bounce.flip());
            offset += lengthBytes;
        }
        bounces.add(bounce);
    }

    private static ByteBuffer alignedBuffer() {
        return ByteBuffer.allocateDirect(BOUNCE_BYTES + DIRECT_ALIGNMENT_BYTES)
                .alignedSlice(DIRECT_ALIGNMENT_BYTES);
    }

    private void readFully(FileChannel from, ByteBuffer destination, long offsetBytes)
            throws IOException {
        long offset = offsetBytes;
        while (destination.hasRemaining()) {
            int read = from.read(destination, offset);
            if (read < 0) {
                throw new EOFException(path + " ends at byte " + offset);
            }
            offset += read;
        }
    }

    @Override
    public void write(ByteBuffer source, long offsetBytes) throws IOException {
        DeviceRange.requireWritable(offsetBytes, source.remaining(), sizeBytes);
        long offset = offsetBytes;
        while (source.hasRemaining()) {
            offset += channel.write(source, offset);
        }
    }

    @Override
    public void flush() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        if (!ownsChannel) {
            return;
        }
        try (channel) {
            if (direct != null) {
                direct.close();
            }
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
