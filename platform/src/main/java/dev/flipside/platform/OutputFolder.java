package dev.flipside.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A folder that a builder fills: nobody sees it under its name before {@link #commit}, and after
 * that it survives a power cut. Closing it without a commit removes it, and so does the end of the
 * process by a signal; what even that leaves, the next {@link #create} for the same target removes.
 *
 * <p>Invariant: the process that holds the lock in the folder is the only one that writes there.
 */
public final class OutputFolder implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final int REMOVE_TRIES = 5;

    private final Path target;
    private final Path folder;
    private final FileChannel lock;
    private final Thread onExit = new Thread(this::removeOnExit, "remove unfinished output");
    private boolean ended;

    private OutputFolder(Path target, Path folder, FileChannel lock) {
        this.target = target;
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Starts a folder beside its target.
     *
     * @throws FileAlreadyExistsException when the target is there and is not an empty folder
     * @throws NoSuchFileException when the folder for the target is not there
     * @throws FileSystemException when another process is making the same folder
     */
    public static OutputFolder create(Path target) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        Path parent = Objects.requireNonNull(absolute.getParent());
        requireFree(absolute);
        if (!Files.isDirectory(parent)) {
            throw new NoSuchFileException(parent.toString());
        }
        Path folder = parent.resolve(FolderPath.TEMPORARY_PREFIX + absolute.getFileName());
        Files.createDirectories(folder);
        OutputFolder output = new OutputFolder(absolute, folder, lock(folder));
        Runtime.getRuntime().addShutdownHook(output.onExit);
        output.removeContents();
        return output;
    }

    /** Where to write until the commit. */
    public Path path() {
        return folder;
    }

    /** Flushes every file, gives the folder its name, and flushes the folder above it. */
    public synchronized void commit() throws IOException {
        for (Path file : contents()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
        Files.delete(folder.resolve(LOCK));
        TemporaryFile.flushFolder(folder);
        Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
        ended = true;
        TemporaryFile.flushFolder(Objects.requireNonNull(target.getParent()));
    }

    @Override
    public void close() throws IOException {
        removeUnlessEnded();
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // The process is ending by a signal: the hook has begun, and finds nothing to do.
            return;
        }
    }

    private static void requireFree(Path target) throws IOException {
        if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> files = Files.list(target)) {
                if (files.findAny().isPresent()) {
                    throw new FileAlreadyExistsException(target.toString());
                }
            }
        } else if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        folder.resolve(LOCK),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        if (tryLock(channel)) {
            return channel;
        }
        channel.close();
        throw new FileSystemException(
                folder.toString(), null, "another process is making the same folder");
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    /** Everything below the folder but the lock, what is deepest first. */
    private List<Path> contents() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> !file.equals(folder))
                    .filter(file -> !file.equals(folder.resolve(LOCK)))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    private void removeContents() throws IOException {
        for (Path file : contents()) {
            Files.deleteIfExists(file);
        }
    }

    private synchronized void removeUnlessEnded() throws IOException {
        if (ended) {
            lock.close();
            return;
        }
        ended = true;
        DirectoryNotEmptyException notEmpty = null;
        // When a signal ends the process, another thread may create one more file meanwhile.
        for (int i = 0; i < REMOVE_TRIES; i++) {
            try {
                removeContents();
                Files.deleteIfExists(folder.resolve(LOCK));
                Files.deleteIfExists(folder);
                lock.close();
                return;
            } catch (DirectoryNotEmptyException e) {
                notEmpty = e;
            }
        }
        throw notEmpty;
    }

    private void removeOnExit() {
        try {
            removeUnlessEnded();
        } catch (IOException e) {
            // Only the handler of uncaught exceptions is left to tell; the next build of the same
            // folder removes it.
            throw new UncheckedIOException("unfinished folder left behind", e);
        }
    }
}
