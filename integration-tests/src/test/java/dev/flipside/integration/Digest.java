package dev.flipside.integration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of files, or of a part of one, in lowercase hex. */
final class Digest {
    private static final int CHUNK_BYTES = 1 << 20;

    private Digest() {}

    static String sha256(Path file) throws IOException {
        return sha256(file, 0, Files.size(file));
    }

    static String sha256(Path file, long offsetBytes, long lengthBytes) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            in.skipNBytes(offsetBytes);
            byte[] chunk = new byte[CHUNK_BYTES];
            long left = lengthBytes;
            while (left > 0) {
                int count = in.readNBytes(chunk, 0, (int) Math.min(left, CHUNK_BYTES));
                digest.update(chunk, 0, count);
                left -= count == 0 ? left : count;
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
