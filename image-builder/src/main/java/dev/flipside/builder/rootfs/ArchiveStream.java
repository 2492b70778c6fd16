package dev.flipside.builder.rootfs;

import com.github.luben.zstd.ZstdIOException;
import dev.flipside.failure.FlipsideException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.tukaani.xz.MemoryLimitException;

/**
 * An archive without its compression. An {@link IOException} of the file below comes through as it
 * is; one of the decoder means wrong bytes, and comes as {@link Undecodable}.
 */
final class ArchiveStream extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;

    /** ZSTD_error_frameParameter_windowTooLarge: more than 128 MiB, zstd's own limit. */
    private static final long ZSTD_WINDOW_TOO_LARGE = 16;

    private final Source source;
    private final Compression compression;
    private final InputStream decoder;

    /** Recognises the compression, and opens a stream of what is packed. */
    static ArchiveStream open(InputStream file, TarRefusal refusal)
            throws IOException, FlipsideException {
        Source source = new Source(file);
        BufferedInputStream buffered = new BufferedInputStream(source, BUFFER_BYTES);
        Compression compression = Compression.of(buffered);
        try {
            InputStream decoder =
                    compression
                            .decoder(buffered)
                            .orElseThrow(() -> refusal.compressed(compression.label()));
            return new ArchiveStream(source, compression, decoder);
        } catch (IOException e) {
            if (source.failed) {
                throw e;
            }
            throw refusal.undecodable(new Undecodable(compression, e));
        }
    }

    private ArchiveStream(Source source, Compression compression, InputStream decoder) {
        this.source = source;
        this.compression = compression;
        this.decoder = decoder;
    }

    Compression compression() {
        return compression;
    }

    /** What the decoder refuses: damaged, truncated, or more than it has memory for. */
    static final class Undecodable extends IOException {
        private static final long serialVersionUID = 1L;

        private final Compression compression;
        private final boolean tooLarge;

        private Undecodable(Compression compression, IOException cause) {
            super(
                    cause.getMessage() == null
                            ? cause.getClass().getSimpleName()
                            : cause.getMessage(),
                    cause);
            this.compression = compression;
            this.tooLarge =
                    cause instanceof MemoryLimitException
                            || (cause instanceof ZstdIOException zstd
                                    && zstd.getErrorCode() == ZSTD_WINDOW_TOO_LARGE);
        }

        Compression compression() {
            return compression;
        }

        boolean tooLarge() {
            return tooLarge;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        try {
            return decoder.read(to, offset, length);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** A plain file is skipped without reading it. */
    @Override
    public long skip(long count) throws IOException {
        try {
            return decoder.skip(count);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private IOException refused(IOException e) {
        return source.failed || compression == Compression.NONE
                ? e
                : new Undecodable(compression, e);
    }

    @Override
    public void close() throws IOException {
        decoder.close();
    }

    /** Remembers whether it was the file that failed. */
    private static final class Source extends InputStream {
        private final InputStream file;
        private boolean failed;

        Source(InputStream file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            try {
                return file.read(to, offset, length);
            } catch (IOException e) {
                failed = true;
                throw e;
            }
        }

        @Override
        public long skip(long count) throws IOException {
            try {
                return file.skip(count);
            } catch (IOException e) {
                failed = true;
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
