package dev.flipside.builder.rootfs;

import dev.flipside.builder.oci.ContentDigest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** A stream whose digest is known at its end; nothing of it is skipped unread. */
final class DigestedStream extends InputStream {
    private static final int SKIP_BYTES = 1 << 16;

    private final InputStream in;
    private final ContentDigest expected;
    private final MessageDigest digest;

    /**
     * @param expected says which kind of digest to take
     */
    DigestedStream(InputStream in, ContentDigest expected) {
        this.in = in;
        this.expected = expected;
        this.digest = expected.start();
    }

    /** Reads what is left, and gives the digest of all; once. */
    ContentDigest finish() throws IOException {
        byte[] rest = new byte[SKIP_BYTES];
        int count = 0;
        while (count >= 0) {
            count = read(rest, 0, rest.length);
        }
        return expected.of(digest);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        int count = in.read(to, offset, length);
        if (count > 0) {
            digest.update(to, offset, count);
        }
        return count;
    }
}
