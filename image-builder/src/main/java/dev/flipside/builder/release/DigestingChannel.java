package dev.flipside.builder.release;

import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Knows the size and the SHA-256 digest of what went through it. */
final class DigestingChannel implements WritableByteChannel {
    private final WritableByteChannel channel;
    private final MessageDigest sha256;
    private long sizeBytes;

    DigestingChannel(WritableByteChannel channel) {
        this.channel = channel;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What has been written, as the artifact of this name; the digest starts anew. */
    Artifact artifact(Artifact.Role role, String name) {
        return new Artifact(role, name, sizeBytes, HexFormat.of().formatHex(sha256.digest()));
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer view = source.duplicate();
        int count = channel.write(source);
        sha256.update(view.limit(view.position() + count));
        sizeBytes += count;
        return count;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
