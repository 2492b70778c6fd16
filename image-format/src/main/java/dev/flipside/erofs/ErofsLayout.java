package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.util.UUID;

/** Every position of an EROFS image, planned before a byte of it is written. */
@SuppressWarnings("DoNotCallSuggester")
public final class ErofsLayout {
    private ErofsLayout() {}

    public static ErofsLayout plan(FileTree tree, UUID uuid, Instant buildTime)
            throws FlipsideException {
        throw new UnsupportedOperationException();
    }

    /** The size of the whole image, a multiple of 4096. */
    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }

    /** Where the contents of a regular file of the tree go. */
    public Extent extentOf(Inode file) {
        throw new UnsupportedOperationException();
    }

    /** Writes superblock, inodes and directories to a channel that is empty, or zero there. */
    public void writeMetadata(SeekableByteChannel out) throws IOException {
        throw new UnsupportedOperationException();
    }
}
