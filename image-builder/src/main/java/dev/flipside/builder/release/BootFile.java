package dev.flipside.builder.release;

import dev.flipside.erofs.Inode;
import java.nio.file.Path;

/** A file that goes into the UKI. */
sealed interface BootFile {
    /** For messages. */
    default String shownPath() {
        return switch (this) {
            case InRoot(String path, Inode inode) -> path;
            case Given(Path path) -> path.toString();
        };
    }

    /** A regular file of the root file system; its path is for messages. */
    record InRoot(String path, Inode inode) implements BootFile {}

    /** A file that was named on the command line. */
    record Given(Path path) implements BootFile {}
}
