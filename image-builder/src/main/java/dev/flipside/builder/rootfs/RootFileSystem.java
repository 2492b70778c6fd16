package dev.flipside.builder.rootfs;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The root file system that an image is built from, read in two passes: its metadata first, its
 * file contents later and in whatever order they come.
 */
public sealed interface RootFileSystem permits TarRootFileSystem, DirectoryRootFileSystem {
    /** Reads the metadata of a tar archive, or of a directory. */
    static RootFileSystem open(Path tarOrDirectory) throws IOException, FlipsideException {
        if (Files.isDirectory(tarOrDirectory)) {
            return new DirectoryRootFileSystem(tarOrDirectory);
        }
        if (!Files.isRegularFile(tarOrDirectory)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "root file system '" + tarOrDirectory + "'",
                    "a tar archive or a directory",
                    Files.exists(tarOrDirectory) ? "neither" : "nothing there",
                    "check the path");
        }
        return new TarRootFileSystem(tarOrDirectory);
    }

    FileTree tree();

    /**
     * The newest modification time in it: what the image takes as its build time, as a clock would
     * make each build another image.
     */
    Instant newestChange();

    /** Hands each regular file that is not empty to the sink, once. */
    void forEachContent(ContentSink sink) throws IOException, FlipsideException;

    /** Takes the contents of files. */
    @FunctionalInterface
    interface ContentSink {
        /** {@code bytes} ends after exactly as many bytes as the file is long. */
        void accept(Inode file, InputStream bytes) throws IOException, FlipsideException;
    }
}
