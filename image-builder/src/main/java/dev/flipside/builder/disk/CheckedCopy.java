package dev.flipside.builder.disk;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
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
        copy(release, artifact, (piece, offset) -> {});
    }

    /** Copies to the start of a device. */
    static void toDevice(
            ReleaseFolder release, Artifact artifact, BlockDevice device, LongConsumer written)
            throws IOException, FlipsideException {
        copy(
                release,
                artifact,
                (piece, offset) -> {
                    written.accept(piece.remaining());
                    device.write(piece, offset);
                });
    }

    /** As {@link #toDevice}, but leaves out so many bytes at the start. */
    static void toDeviceWithoutStart(
            ReleaseFolder release,
            Artifact artifact,
            int startBytes,
            BlockDevice device,
            LongConsumer written)
            throws IOException, FlipsideException {
        copy(
                release,
                artifact,
                (piece, offset) -> {
                    written.accept(piece.remaining());
                    int left = Math.clamp(startBytes - offset, 0, piece.remaining());
                    piece.position(piece.position() + left);
                    device.write(piece, offset + left);
                });
    }

    /** Copies to a channel. */
    static void toChannel(ReleaseFolder release, Artifact artifact, WritableByteChannel out)
            throws IOException, FlipsideException {
        copy(
                release,
                artifact,
                (piece, offset) -> {
                    while (piece.hasRemaining()) {
                        out.write(piece);
                    }
                });
    }

    /** SHA-256, in hex, of what stands at the start of a device, as the medium has it. */
    static String digest(BlockDevice device, long sizeBytes) throws IOException {
        MessageDigest sha256 = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        for (long done = 0; done < sizeBytes; done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(COPY_BYTES, sizeBytes - done));
            device.readPastCache(buffer, done);
            sha256.update(buffer.flip());
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** SHA-256, in hex, of all that is to be read. */
    static String digest(ReadableByteChannel in) throws IOException {
        MessageDigest sha256 = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        while (in.read(buffer) >= 0) {
            sha256.update(buffer.flip());
            buffer.clear();
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    private static void copy(ReleaseFolder release, Artifact artifact, Target target)
            throws IOException, FlipsideException {
        MessageDigest sha256 = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        long position = 0;
        try (FileChannel in = release.open(artifact)) {
            while (in.read(buffer) >= 0) {
                if (!buffer.hasRemaining()) {
                    position += deliver(buffer, position, sha256, target);
                }
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
