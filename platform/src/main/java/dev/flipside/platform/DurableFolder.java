package dev.flipside.platform;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/**
 * A folder whose changes survive a power cut once the call that made them has returned, and of
 * which a reader never sees half a file. Paths are relative, separated by {@code /}, without {@code
 * ..}.
 */
public interface DurableFolder {
    /**
     * The whole of a file, or empty when there is none.
     *
     * @throws IOException also when the file is larger than {@code maxBytes}
     */
    Optional<byte[]> read(String path, int maxBytes) throws IOException;

    /** Opens an existing file for reading. */
    SeekableByteChannel open(String path) throws IOException;

    /**
     * The names of the files and folders in a folder, sorted; empty when there is no such folder.
     */
    List<String> list(String path) throws IOException;

    /** The size of a file, or empty when there is none. */
    Optional<Long> sizeBytes(String path) throws IOException;

    /**
     * Creates or replaces a file: written beside it under a name that starts with {@code .tmp-} and
     * keeps no extension, flushed, renamed, flushed again, and the folder flushed. Missing folders
     * are created the same way. When the content fails, nothing of it remains.
     */
    void replace(String path, Content content) throws IOException;

    /** Renames a file within one folder, replacing what has the new name; flushes both. */
    void rename(String from, String to) throws IOException;

    /** Removes a file, if it is there, and flushes the folder. */
    void remove(String path) throws IOException;

    /** Adds bytes to the end of a file, creating it where it is missing, and flushes it. */
    void append(String path, byte[] bytes) throws IOException;

    /** The room that is left for file contents. */
    long usableBytes() throws IOException;

    /**
     * Removes what writes that a power cut ended have left behind ({@code .tmp-} and a number, in
     * this folder and the folders in it), and returns how many files that were. To be called before
     * the first change after a start, and not while another process writes here.
     */
    int sweepTemporaryFiles() throws IOException;

    /** What an implementation throws where it has no such file. */
    static IOException missing(String path) {
        return new NoSuchFileException(path);
    }

    /** What an implementation throws where it cannot do what was asked. */
    static IOException refused(String path, String reason) {
        return new FileSystemException(path, null, reason);
    }

    /** What a file is to hold. */
    @FunctionalInterface
    interface Content {
        void writeTo(WritableByteChannel out) throws IOException;

        static Content of(byte[] bytes) {
            return out -> {
                java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
            };
        }
    }
}
