package dev.flipside.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file that a builder writes: nobody sees it under its name before {@link #commit}, and after
 * that it survives a power cut. Closing it without a commit removes it.
 *
 * <pre>{@code
 * try (OutputFile out = OutputFile.create(target)) {
 *     write(out.channel());
 *     out.commit();
 * }
 * }</pre>
 */
public final class OutputFile implements AutoCloseable {
    private final Path target;
    private final TemporaryFile temporary;

    private OutputFile(Path target, TemporaryFile temporary) {
        this.target = target;
        this.temporary = temporary;
    }

    /** Starts a file in the folder of its target, which must exist. */
    public static OutputFile create(Path target) throws IOException {
        Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent());
        return new OutputFile(target, TemporaryFile.createIn(folder));
    }

    /** Where to write: readable, writable, and sparse where it is not written. */
    public FileChannel channel() {
        return temporary.channel();
    }

    /**
     * The file as a disk of the size that it has now: extend it first. Closing the device leaves
     * the file open.
     */
    public BlockDevice device(int sectorSizeBytes) throws IOException {
        return FileBlockDevice.over(target, temporary.channel(), sectorSizeBytes);
    }

    /** Flushes the content, gives it its name, replacing what has it, and flushes the folder. */
    public void commit() throws IOException {
        temporary.moveTo(target);
    }

    @Override
    public void close() throws IOException {
        temporary.close();
    }
}
