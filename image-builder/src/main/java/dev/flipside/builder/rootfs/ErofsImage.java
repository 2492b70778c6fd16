package dev.flipside.builder.rootfs;

import dev.flipside.erofs.ErofsLayout;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/** Writes the EROFS image of a root file system. */
@SuppressWarnings("DoNotCallSuggester")
public final class ErofsImage {
    private ErofsImage() {}

    /**
     * Writes the whole image: metadata, then each file where the layout of {@code source.tree()}
     * has it.
     *
     * @param out an empty file
     */
    public static void write(RootFileSystem source, ErofsLayout layout, SeekableByteChannel out)
            throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }
}
