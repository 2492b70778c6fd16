package dev.flipside.builder.release;

import dev.flipside.erofs.ErofsLayout;
import dev.flipside.erofs.Extent;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Files that are read by several threads at a time, until all of them are closed together. */
public final class OpenFiles implements AutoCloseable {
    private final Deque<FileChannel> channels = new ArrayDeque<>();

    /** A file that keeps its size, read without moving a position. */
    private record PositionalFile(FileChannel channel, long sizeBytes) implements RandomAccess {
        @Override
        public void read(ByteBuffer destination, long offsetBytes) throws IOException {
            long at = offsetBytes;
            while (destination.hasRemaining()) {
                int count = channel.read(destination, at);
                if (count < 0) {
                    throw new EOFException("the file ended at " + at + " of " + sizeBytes);
                }
                at += count;
            }
        }
    }

    /** Opens a file; it is closed with the others. */
    public RandomAccess open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path);
        channels.push(channel);
        return new PositionalFile(channel, channel.size());
    }

    /**
     * A file for the UKI; those of the root file system are read from the image, where they already
     * are.
     */
    RandomAccess open(BootFile file, ImageParts image, ErofsLayout layout)
            throws IOException, FlipsideException {
        return switch (file) {
            case BootFile.InRoot(String path, var inode) -> {
                Extent extent = layout.extentOf(inode);
                yield image.open(extent.offsetBytes(), extent.sizeBytes());
            }
            case BootFile.Given(Path path) -> open(requireFile(path));
        };
    }

    static Path requireFile(Path path) throws FlipsideException {
        if (Files.isRegularFile(path)) {
            return path;
        }
        throw new FlipsideException(
                FailureCode.INPUT_MISSING,
                "file '" + path + "'",
                "a regular file",
                Files.exists(path) ? "something else" : "nothing there",
                "check the path");
    }

    @Override
    public void close() throws IOException {
        while (!channels.isEmpty()) {
            channels.pop().close();
        }
    }
}
