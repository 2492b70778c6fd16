package dev.flipside.builder.rootfs;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A file in gzip, xz or zstd inside a root file system, or one that goes into a UKI. */
public final class PackedFile {
    private static final int BUFFER_BYTES = 1 << 16;

    private PackedFile() {}

    /** A stream of what is packed; refused when the file is not packed. */
    public static InputStream open(InputStream file, String what)
            throws IOException, FlipsideException {
        ArchiveStream unpacked = ArchiveStream.open(file, new TarRefusal(what));
        if (unpacked.compression() == Compression.NONE) {
            throw refused(what, "no compression", null);
        }
        return unpacked;
    }

    /** The size of what is packed, for which all of it is unpacked. */
    public static long sizeBytes(InputStream file, String what)
            throws IOException, FlipsideException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        try (InputStream unpacked = open(file, what)) {
            for (int count = 0; count >= 0; count = unpacked.read(buffer)) {
                size += count;
            }
            return size;
        } catch (ArchiveStream.Undecodable e) {
            throw refused(what, "'" + e.getMessage() + "'", e);
        }
    }

    /**
     * The first bytes of a file when those of the file itself are {@code head}: unpacked where they
     * can be, as far as they reach; the head itself where it is not packed; and none where the
     * packing is only known by its name.
     */
    public static byte[] unpackedHead(byte[] head, int maxBytes) throws IOException {
        BufferedInputStream in = new BufferedInputStream(new ByteArrayInputStream(head));
        Compression compression = Compression.of(in);
        var decoder = compression.decoder(in);
        if (decoder.isEmpty()) {
            return new byte[0];
        }
        try (InputStream unpacked = decoder.get()) {
            return unpacked.readNBytes(maxBytes);
        }
    }

    private static FlipsideException refused(String what, String found, Exception cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.ROOTFS_UNSUPPORTED,
                        what,
                        "a file in gzip, xz or zstd",
                        found,
                        "install it again in the root file system"),
                cause);
    }
}
