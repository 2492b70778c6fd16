package dev.flipside.builder.rootfs;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.tukaani.xz.XZInputStream;

/**
 * How an archive is packed, told by its first bytes. Archives of several gzip members, xz streams
 * or zstd frames, one after the other, are one archive.
 */
enum Compression {
    NONE("no compression"),
    GZIP("gzip"),
    XZ("xz"),
    ZSTD("zstd"),
    BZIP2("bzip2"),
    LZ4("lz4");

    static final int MAGIC_BYTES = 4;

    /** What {@code xz -9} needs, the most of all its presets. */
    static final int MAX_XZ_DICTIONARY_BYTES = 64 << 20;

    /** A dictionary of 64 MiB, and what liblzma's own decoder counts beside it. */
    private static final int MAX_XZ_KIBIBYTES = (MAX_XZ_DICTIONARY_BYTES >> 10) + 1024;

    private final String label;

    Compression(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /** The compression of a stream that can be marked; nothing of it is consumed. */
    static Compression of(BufferedInputStream in) throws IOException {
        in.mark(MAGIC_BYTES);
        byte[] magic = in.readNBytes(MAGIC_BYTES);
        in.reset();
        int number = 0;
        for (byte b : magic) {
            number = number << 8 | Byte.toUnsignedInt(b);
        }
        return magic.length < MAGIC_BYTES ? NONE : of(number);
    }

    private static Compression of(int magic) {
        if (magic >>> 16 == 0x1f8b) {
            return GZIP;
        }
        if (magic >>> 8 == 0x425a68) {
            return BZIP2;
        }
        if (magic == 0x28b52ffd || (magic & 0xf0ffffff) == 0x502a4d18) {
            return ZSTD; // the second one is a skippable frame, with which pzstd begins
        }
        return switch (magic) {
            case 0xfd377a58 -> XZ;
            case 0x04224d18 -> LZ4;
            default -> NONE;
        };
    }

    /** A stream of what is packed; none for a compression that is only known by its name. */
    Optional<InputStream> decoder(InputStream in) throws IOException {
        return switch (this) {
            case NONE -> Optional.of(in);
            case GZIP -> Optional.of(new GzipMembers(in));
            case XZ -> Optional.of(new XZInputStream(in, MAX_XZ_KIBIBYTES));
            case ZSTD -> Optional.of(new ZstdInputStreamNoFinalizer(in));
            case BZIP2, LZ4 -> Optional.empty();
        };
    }
}
