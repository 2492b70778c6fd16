package dev.flipside.platform;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A {@link DurableFolder} in a file system of the machine.
 *
 * <p>Invariant: file contents are flushed before the name that they get, and the folder is flushed
 * before the call returns. This holds on ext4, xfs and vfat.
 */
public final class DiskFolder implements DurableFolder {
    private static final int MAX_DEPTH = 16;

    private final Path root;

    private DiskFolder(Path root) {
        this.root = root;
    }

    /** Opens a folder that exists. */
    public static DiskFolder open(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw Files.exists(root)
                    ? new NotDirectoryException(root.toString())
                    : new NoSuchFileException(root.toString());
        }
        return new DiskFolder(root.toAbsolutePath());
    }

    /** Opens a folder, and makes it and its parents where they are missing. */
    public static DiskFolder create(Path root) throws IOException {
        makeFolder(root.toAbsolutePath());
        return open(root);
    }

    private static void makeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = Objects.requireNonNull(folder.getParent());
        makeFolder(parent);
        Files.createDirectory(folder);
        TemporaryFile.flushFolder(parent);
    }

    private Path resolve(String path) {
        return root.resolve(FolderPath.checked(path));
    }

    @Override
    public Optional<byte[]> read(String path, int maxBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(resolve(path), StandardOpenOption.READ)) {
            long sizeBytes = channel.size();
            if (sizeBytes > maxBytes) {
                throw new FileSystemException(
                        path,
                        null,
                        "expected at most %d bytes, found %d".formatted(maxBytes, sizeBytes));
            }
            ByteBuffer buffer = ByteBuffer.allocate((int) sizeBytes);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException(path + " became shorter while it was read");
                }
            }
            return Optional.of(buffer.array());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public SeekableByteChannel open(String path) throws IOException {
        return FileChannel.open(resolve(path), StandardOpenOption.READ);
    }

    @Override
    public List<String> list(String path) throws IOException {
        Path folder = root.resolve(FolderPath.checkedFolder(path));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.map(child -> child.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public Optional<Long> sizeBytes(String path) throws IOException {
        Path file = resolve(path);
        return Files.isRegularFile(file) ? Optional.of(Files.size(file)) : Optional.empty();
    }

    @Override
    public void replace(String path, Content content) throws IOException {
        Path target = resolve(path);
        Path folder = Objects.requireNonNull(target.getParent());
        makeFolder(folder);
        try (TemporaryFile temporary = TemporaryFile.createIn(folder)) {
            content.writeTo(temporary.channel());
            temporary.moveTo(target);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Path source = resolve(from);
        Path target = resolve(to);
        Path folder = Objects.requireNonNull(source.getParent());
        if (!folder.equals(target.getParent())) {
            throw new IllegalArgumentException(
                    "rename of '%s' to '%s', which is in another folder".formatted(from, to));
        }
        try (FileChannel channel = FileChannel.open(source, StandardOpenOption.READ)) {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
            TemporaryFile.flushMoved(channel);
        }
        TemporaryFile.flushFolder(folder);
    }

    @Override
    public void remove(String path) throws IOException {
        Path file = resolve(path);
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(path, null, "expected a file, found a folder");
        }
        if (Files.deleteIfExists(file)) {
            TemporaryFile.flushFolder(file.getParent());
        }
    }

    @Override
    public void append(String path, byte[] bytes) throws IOException {
        Path file = resolve(path);
        makeFolder(file.getParent());
        boolean created = Files.notExists(file);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            appendTo(channel, bytes);
        }
        if (created) {
            TemporaryFile.flushFolder(file.getParent());
        }
    }

    private static void appendTo(FileChannel channel, byte[] bytes) throws IOException {
        long endBytes = channel.size();
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer, endBytes + buffer.position());
            }
            channel.force(true);
        } catch (IOException e) {
            // A full disk must not leave half a line for the next append to grow on.
            try {
                channel.truncate(endBytes);
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    @Override
    public int sweepTemporaryFiles() throws IOException {
        int swept = 0;
        for (Path file : temporaryFiles()) {
            Files.delete(file);
            TemporaryFile.flushFolder(file.getParent());
            swept++;
        }
        return swept;
    }

    private List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.walk(root, MAX_DEPTH)) {
            return files.filter(DiskFolder::isTemporary).toList();
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isTemporary(Path file) {
        return FolderPath.isTemporaryName(file.getFileName().toString())
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
