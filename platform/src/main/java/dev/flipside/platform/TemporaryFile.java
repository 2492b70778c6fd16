package dev.flipside.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is being written beside the name it will get. Either {@link #moveTo} makes it that
 * file, durably, or {@link #close} removes it.
 */
final class TemporaryFile implements AutoCloseable {
    private static final int MAX_TRIES = 1000;

    private final Path path;
    private final FileChannel channel;
    private boolean moved;

    private TemporaryFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static TemporaryFile createIn(Path folder) throws IOException {
        FileAlreadyExistsException taken = null;
        for (int i = 0; i < MAX_TRIES; i++) {
            Path path = folder.resolve(FolderPath.TEMPORARY_PREFIX + i);
            try {
                FileChannel channel =
                        FileChannel.open(
                                path,
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                return new TemporaryFile(path, channel);
            } catch (FileAlreadyExistsException e) {
                taken = e;
            }
        }
        FileSystemException full =
                new FileSystemException(
                        folder.toString(), null, MAX_TRIES + " temporary files lie there already");
        full.initCause(taken);
        throw full;
    }

    FileChannel channel() {
        return channel;
    }

    Path path() {
        return path;
    }

    /** Makes the content, and then the name, durable. */
    void moveTo(Path target) throws IOException {
        channel.force(true);
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        moved = true;
        flushMoved(channel);
        channel.close();
        flushFolder(target.toAbsolutePath().getParent());
    }

    /**
     * Makes a file durable once more under its new name. Linux's vfat writes a renamed file's entry
     * without size and first cluster, and adds them when the file itself is flushed, which flushing
     * the folder does not do.
     */
    static void flushMoved(FileChannel channel) throws IOException {
        channel.force(true);
    }

    /** Makes what was created, renamed or removed in a folder durable. */
    static void flushFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            if (!moved) {
                Files.deleteIfExists(path);
            }
        }
    }
}
