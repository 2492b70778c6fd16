package dev.flipside.builder.disk;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** Reads an artifact from its beginning to its end, and refuses it when its digest is another. */
public final class CheckedCopy {
    private static final int COPY_BYTES = 1 << 20;

    private CheckedCopy() {}

    /** Takes the pieces of a file in order. */
    @FunctionalInterface
    private interface Target {
        void put(ByteBuffer piece, long offsetBytes) throws IOException;
    }

    /** Only checks. */
    public static void check(ReleaseFolder release, Artifact artifact)
            throws IOException, FlipsideException {
        try (FileChannel in = release.open(artifact)) {
            copy(release, artifact, in, (piece, offset) -> {});
        }
    }

    /** Copies to the start of a device. */
    static void toDevice(
            ReleaseFolder release, Artifact artifact, BlockDevice device, LongConsumer written)
            throws IOException, FlipsideException {
        try (FileChannel in = release.open(artifact)) {
            copy(
                    release,
                    artifact,
                    in,
                    (piece, offset) -> {
                        written.accept(piece.remaining());
                        device.write(piece, offset);
                    });
        }
    }

    private static void copy(
            ReleaseFolder release, Artifact artifact, FileChannel in, Target target)
            throws IOException, FlipsideException {
        MessageDigest sha256 = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        long position = 0;
        while (in.read(buffer) >= 0) {
            if (!buffer.hasRemaining()) {
                position += deliver(buffer, position, sha256, target);
            }
        }
        deliver(buffer, position, sha256, target);
        String found = HexFormat.of().formatHex(sha256.digest());
        if (!found.equals(artifact.sha256())) {
            throw ReleaseFolder.mismatch(
                    release.folder().resolve(artifact.name()),
                    "SHA-256 " + artifact.sha256(),
                    found);
        }
    }

    private static int deliver(
            ByteBuffer buffer, long position, MessageDigest sha256, Target target)
            throws IOException {
        int length = buffer.flip().remaining();
        if (length > 0) {
            sha256.update(buffer.duplicate());
            target.put(buffer, position);
        }
        buffer.clear();
        return length;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
