package dev.flipside.updater.source;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A repository in a folder, as on a USB stick. Only regular files in it are read, and no link leads
 * out of it.
 */
public final class FileSource implements Source {
    private static final int PIECE_BYTES = 256 * 1024;

    private final Path root;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    private long fetchedBytes;

    private FileSource(Path root) {
        this.root = root;
    }

    public static FileSource open(Path root) throws FlipsideException {
        try {
            return new FileSource(root.toRealPath());
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.SOURCE_UNREACHABLE,
                            "repository " + root,
                            "a folder that can be read",
                            String.valueOf(e),
                            "mount the medium, or correct [source] url"),
                    e);
        }
    }

    @Override
    public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
        try (FileChannel channel = open(path)) {
            long sizeBytes = channel.size();
            if (sizeBytes > maxBytes) {
                throw SourceFailures.tooLarge(name(path), maxBytes, sizeBytes + " bytes");
            }
            ByteBuffer whole = ByteBuffer.allocate((int) sizeBytes);
            readFully(channel, whole, 0, path);
            return Optional.of(whole.array());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw SourceFailures.unreachable(name(path), String.valueOf(e), e);
        }
    }

    @Override
    public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
            throws FlipsideException {
        try (FileChannel channel = open(path)) {
            long position = offsetBytes;
            long end = Math.addExact(offsetBytes, lengthBytes);
            while (position < end) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, end - position));
                int pieceBytes = piece.remaining();
                readFully(channel, piece, position, path);
                sink.accept(piece.flip());
                position += pieceBytes;
            }
        } catch (NoSuchFileException e) {
            throw SourceFailures.missing(name(path), e);
        } catch (IOException e) {
            throw SourceFailures.unreachable(name(path), String.valueOf(e), e);
        }
    }

    private FileChannel open(String path) throws IOException, FlipsideException {
        String name =
                SourcePath.inFileSystem(path).orElseThrow(() -> new NoSuchFileException(path));
        Path real = resolve(name).toRealPath();
        if (!real.startsWith(root) || !Files.isRegularFile(real)) {
            throw new NoSuchFileException(path);
        }
        return FileChannel.open(real, StandardOpenOption.READ);
    }

    private Path resolve(String name) throws NoSuchFileException {
        try {
            return root.resolve(name);
        } catch (InvalidPathException e) {
            // Characters that no file's name has in this locale.
            throw (NoSuchFileException) new NoSuchFileException(name).initCause(e);
        }
    }

    private void readFully(FileChannel channel, ByteBuffer buffer, long offset, String path)
            throws IOException, FlipsideException {
        long position = offset;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, position);
            if (read < 0) {
                throw SourceFailures.tooShort(name(path), position + buffer.remaining(), position);
            }
            position += read;
            fetchedBytes += read;
        }
    }

    private String name(String path) {
        return root.resolve(path).toString();
    }

    @Override
    public long fetchedBytes() {
        return fetchedBytes;
    }

    @Override
    public void close() {
        // Every file is closed after each read.
    }

    @Override
    public String toString() {
        return root.toUri().toString();
    }
}
