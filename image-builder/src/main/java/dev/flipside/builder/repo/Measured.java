package dev.flipside.builder.repo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** The size and the SHA-256 digest of bytes that were read. */
record Measured(long sizeBytes, String sha256) {
    private static final int PIECE_BYTES = 1 << 20;

    static Measured read(ReadableByteChannel in) throws IOException {
        return copy(in, Optional.empty());
    }

    /** Measures exactly the bytes that are written on. */
    static Measured copy(ReadableByteChannel in, WritableByteChannel out) throws IOException {
        return copy(in, Optional.of(out));
    }

    private static Measured copy(ReadableByteChannel in, Optional<WritableByteChannel> out)
            throws IOException {
        MessageDigest digest = sha256Digest();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        long sizeBytes = 0;
        while (in.read(piece) >= 0) {
            piece.flip();
            sizeBytes += piece.remaining();
            digest.update(piece.duplicate());
            if (out.isPresent()) {
                while (piece.hasRemaining()) {
                    out.get().write(piece);
                }
            }
            piece.clear();
        }
        return new Measured(sizeBytes, HexFormat.of().formatHex(digest.digest()));
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
