package dev.flipside.updater.health;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * The file system of the release that was booted, as its health checks see it. Paths are absolute;
 * symbolic links, the last one included, are followed inside the root and never lead out of it.
 */
public interface RootView {
    /** The names in a folder, sorted; empty when there is no such folder. */
    List<String> list(String folder) throws IOException;

    /** What is at a path; empty when there is nothing, or a link that leads nowhere. */
    Optional<Entry> find(String path) throws IOException;

    /**
     * The contents of a regular file.
     *
     * @throws IOException also when the path is no regular file
     */
    InputStream open(String path) throws IOException;

    /**
     * What is at a path.
     *
     * @param sizeBytes of a regular file; 0 for everything else
     */
    record Entry(Kind kind, long sizeBytes) {}

    /** What can be at a path. */
    enum Kind {
        FILE,
        FOLDER,
        OTHER
    }
}
