package dev.flipside.integration;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.health.RootView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A root file system inside an EROFS image: of the whole root, or of what is under a folder. */
final class ErofsRoot implements RootView {
    private final ErofsReader reader;
    private final String mountPoint;

    /**
     * @param mountPoint empty for an image of the root, {@code /usr} for one of {@code /usr}
     */
    ErofsRoot(ErofsReader reader, String mountPoint) {
        this.reader = reader;
        this.mountPoint = mountPoint;
    }

    @Override
    public List<String> list(String folder) throws IOException {
        return told(
                () -> {
                    Optional<ErofsInode> inode = inode(folder);
                    if (inode.isEmpty() || inode.get().type() != ErofsInode.Type.DIRECTORY) {
                        return List.of();
                    }
                    return reader.list(inode.get()).stream()
                            .map(entry -> entry.name().toString())
                            .sorted()
                            .toList();
                });
    }

    @Override
    public Optional<Entry> find(String path) throws IOException {
        return told(
                () ->
                        inode(path)
                                .map(
                                        inode ->
                                                switch (inode.type()) {
                                                    case REGULAR_FILE ->
                                                            new Entry(Kind.FILE, inode.sizeBytes());
                                                    case DIRECTORY -> new Entry(Kind.FOLDER, 0);
                                                    case CHARACTER_DEVICE,
                                                            BLOCK_DEVICE,
                                                            FIFO,
                                                            SOCKET,
                                                            SYMLINK ->
                                                            new Entry(Kind.OTHER, 0);
                                                }));
    }

    @Override
    public InputStream open(String path) throws IOException {
        Optional<ErofsInode> inode = told(() -> inode(path));
        if (inode.isEmpty() || inode.get().type() != ErofsInode.Type.REGULAR_FILE) {
            throw new NoSuchFileException(path);
        }
        return told(() -> reader.open(inode.get()));
    }

    /** When a file was changed last; empty when there is none. */
    Optional<Instant> modified(String path) throws IOException {
        return told(() -> inode(path).map(ErofsInode::changed));
    }

    private Optional<ErofsInode> inode(String path) throws IOException, FlipsideException {
        if (!(path + "/").startsWith(mountPoint + "/")) {
            return Optional.empty();
        }
        String inside = path.substring(mountPoint.length());
        return reader.find(inside.isEmpty() ? "/" : inside);
    }

    /** The kernel knows no failures but I/O errors. */
    private static <T> T told(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (FlipsideException e) {
            throw new IOException(e.failure().line(), e);
        }
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException, FlipsideException;
    }
}
