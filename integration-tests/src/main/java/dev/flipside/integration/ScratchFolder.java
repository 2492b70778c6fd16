package dev.flipside.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder for what nobody needs afterwards. Closing it removes it with all that is in it; so does
 * the end of this process by a signal, unless that is SIGKILL.
 */
public final class ScratchFolder implements AutoCloseable {
    /** Programs that are killed at the same moment may still write. */
    private static final int TRIES = 10;

    private final Path path;
    private final Thread atOurEnd = new Thread(this::removeAtOurEnd);

    private ScratchFolder(Path path) {
        this.path = path;
    }

    /** Makes one of a new name, under the folder for temporary files. */
    public static ScratchFolder create(String prefix) throws IOException {
        return watched(Files.createTempDirectory(prefix));
    }

    /** Makes one of a new name. */
    public static ScratchFolder create(Path parent, String prefix) throws IOException {
        return watched(Files.createTempDirectory(parent, prefix));
    }

    private static ScratchFolder watched(Path path) {
        ScratchFolder folder = new ScratchFolder(path);
        Runtime.getRuntime().addShutdownHook(folder.atOurEnd);
        return folder;
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atOurEnd);
        } catch (IllegalStateException e) {
            // This process ends just now, and its hooks run already.
            return;
        }
    }

    private void removeAtOurEnd() {
        try {
            remove();
        } catch (IOException e) {
            System.err.println("left behind: " + path + ": " + e);
        }
    }

    private synchronized void remove() throws IOException {
        for (int tries = 1; Files.exists(path); tries++) {
            try {
                for (Path file : contents()) {
                    Files.deleteIfExists(file);
                }
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                if (tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Files before their folders. */
    private List<Path> contents() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            return files.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
