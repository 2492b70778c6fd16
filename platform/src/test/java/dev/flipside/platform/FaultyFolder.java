package dev.flipside.platform;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A folder in memory that fails as a file system on a real disk does.
 *
 * <p>What a call has done is durable when the call returns. A power cut inside of one leaves, by
 * the seed:
 *
 * <ul>
 *   <li>{@link #replace}: the old file or the new one, never a part of it; and perhaps a file
 *       {@code .tmp-N} with any part of the new content
 *   <li>{@link #rename}: the old name, the new name, or both (vfat writes the new entry first); not
 *       neither, as production flushes the folder after every change
 *   <li>{@link #remove}: the file or not
 *   <li>{@link #append}: any part of the added bytes
 * </ul>
 */
public final class FaultyFolder implements DurableFolder {
    private final SplittableRandom random;
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private PowerLine power = PowerLine.steady();
    private long capacityBytes = Long.MAX_VALUE;
    private boolean readOnly;
    private boolean unreadable;

    public FaultyFolder(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** A folder of its own with the files of this one, on a steady line. */
    public FaultyFolder copy(long seed) {
        FaultyFolder copy = new FaultyFolder(seed);
        copy.files.putAll(files);
        return copy;
    }

    /** Goes on with another line. */
    public synchronized void plugInto(PowerLine line) {
        power = line;
    }

    /** Starts again after a cut; what was lost, was lost when it happened. */
    public synchronized void powerOn(PowerLine line) {
        power = line;
    }

    /** The room for all files together; a file that is being replaced counts twice. */
    public synchronized void limitTo(long newCapacityBytes) {
        capacityBytes = newCapacityBytes;
    }

    /** Every change fails from now on, as on a file system that was remounted after an error. */
    public synchronized void makeReadOnly(boolean newReadOnly) {
        readOnly = newReadOnly;
    }

    /** Every read fails from now on. */
    public synchronized void makeUnreadable(boolean newUnreadable) {
        unreadable = newUnreadable;
    }

    /** What is in the folder now, by path; to be looked at even without power. */
    public synchronized SortedMap<String, byte[]> files() {
        return new TreeMap<>(files);
    }

    /** Puts a file there behind everyone's back. */
    public synchronized void plant(String path, byte[] bytes) {
        files.put(FolderPath.checked(path), bytes.clone());
    }

    @Override
    public synchronized Optional<byte[]> read(String path, int maxBytes) throws IOException {
        byte[] bytes = readable(path);
        if (bytes != null && bytes.length > maxBytes) {
            throw new FileSystemException(
                    path,
                    null,
                    "expected at most %d bytes, found %d".formatted(maxBytes, bytes.length));
        }
        return Optional.ofNullable(bytes).map(byte[]::clone);
    }

    @Override
    public synchronized SeekableByteChannel open(String path) throws IOException {
        byte[] bytes = readable(path);
        if (bytes == null) {
            throw new NoSuchFileException(path);
        }
        return new MemoryChannel(bytes);
    }

    @Override
    public synchronized Optional<Long> sizeBytes(String path) throws IOException {
        power.require();
        return Optional.ofNullable(files.get(FolderPath.checked(path)))
                .map(bytes -> (long) bytes.length);
    }

    private byte[] readable(String path) throws IOException {
        power.require();
        byte[] bytes = files.get(FolderPath.checked(path));
        if (bytes == null && isFolder(path)) {
            throw new FileSystemException(path, null, "Is a directory");
        }
        if (unreadable) {
            throw new IOException("Input/output error");
        }
        return bytes;
    }

    private boolean isFolder(String path) {
        String first = files.ceilingKey(path + "/");
        return first != null && first.startsWith(path + "/");
    }

    @Override
    public synchronized List<String> list(String path) throws IOException {
        power.require();
        if (unreadable) {
            throw new IOException("Input/output error");
        }
        String prefix = FolderPath.checkedFolder(path).isEmpty() ? "" : path + "/";
        return files.tailMap(prefix).keySet().stream()
                .takeWhile(file -> file.startsWith(prefix))
                .map(file -> firstName(file.substring(prefix.length())))
                .distinct()
                .sorted()
                .toList();
    }

    private static String firstName(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? path : path.substring(0, slash);
    }

    @Override
    public synchronized void replace(String path, Content content) throws IOException {
        requireWritable(path);
        MemoryChannel.Sink sink = new MemoryChannel.Sink(usableBytes());
        content.writeTo(sink);
        byte[] bytes = sink.bytes();
        String temporary = freeTemporaryName(FolderPath.parent(path));
        // Write the temporary file, flush it, rename it, flush the folder.
        int ended = power.spend(4);
        if (ended < 2) {
            files.put(temporary, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
        } else if (ended < 4) {
            int outcome = random.nextInt(3);
            if (outcome > 0) {
                files.put(path, bytes);
            }
            if (outcome < 2) {
                files.put(temporary, bytes);
            }
        } else {
            files.put(path, bytes);
        }
        power.require();
    }

    private String freeTemporaryName(String folder) {
        String prefix = folder.isEmpty() ? "" : folder + "/";
        int i = 0;
        while (files.containsKey(prefix + FolderPath.TEMPORARY_PREFIX + i)) {
            i++;
        }
        return prefix + FolderPath.TEMPORARY_PREFIX + i;
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        requireWritable(from);
        requireWritable(to);
        if (!FolderPath.parent(from).equals(FolderPath.parent(to))) {
            throw new IllegalArgumentException(
                    "rename of '%s' to '%s', which is in another folder".formatted(from, to));
        }
        byte[] bytes = files.get(from);
        if (bytes == null) {
            throw new NoSuchFileException(from);
        }
        boolean whole = power.spend(2) == 2;
        int outcome = whole ? 2 : random.nextInt(3);
        if (outcome == 2) {
            files.remove(from);
        }
        if (outcome > 0) {
            files.put(to, bytes);
        }
        power.require();
    }

    @Override
    public synchronized void remove(String path) throws IOException {
        requireWritable(path);
        if (!files.containsKey(path)) {
            return;
        }
        boolean whole = power.spend(2) == 2;
        if (whole || random.nextBoolean()) {
            files.remove(path);
        }
        power.require();
    }

    @Override
    public synchronized void append(String path, byte[] bytes) throws IOException {
        requireWritable(path);
        if (bytes.length > usableBytes()) {
            throw new IOException(DiskFull.NO_SPACE);
        }
        boolean whole = power.spend(2) == 2;
        int addedBytes = whole ? bytes.length : random.nextInt(bytes.length + 1);
        byte[] before = files.getOrDefault(path, new byte[0]);
        byte[] after = Arrays.copyOf(before, before.length + addedBytes);
        System.arraycopy(bytes, 0, after, before.length, addedBytes);
        files.put(path, after);
        power.require();
    }

    @Override
    public synchronized long usableBytes() {
        power.require();
        long usedBytes = files.values().stream().mapToLong(bytes -> bytes.length).sum();
        return Math.max(0, capacityBytes - usedBytes);
    }

    @Override
    public synchronized int sweepTemporaryFiles() throws IOException {
        List<String> temporary =
                files.keySet().stream()
                        .filter(
                                path ->
                                        FolderPath.isTemporaryName(
                                                path.substring(path.lastIndexOf('/') + 1)))
                        .toList();
        for (String path : temporary) {
            remove(path);
        }
        return temporary.size();
    }

    private void requireWritable(String path) throws IOException {
        power.require();
        FolderPath.checked(path);
        if (isFolder(path)) {
            throw new FileSystemException(path, null, "expected a file, found a folder");
        }
        if (readOnly) {
            IOException refused = new IOException("Read-only file system");
            refused.initCause(new ReadOnlyFileSystemException());
            throw refused;
        }
    }

    @Override
    public synchronized String toString() {
        return "faulty folder";
    }
}
