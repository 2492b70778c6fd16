package dev.flipside.updater.slot;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.updater.source.Source;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A small blob that is held in memory, whole and only if it is the one that the manifest pins. */
final class PinnedFile {
    private PinnedFile() {}

    /**
     * Fetches it.
     *
     * @throws FlipsideException {@code digest-mismatch}
     */
    static byte[] fetch(Source source, Artifact artifact) throws FlipsideException {
        return Insistence.on(source, () -> fetchOnce(source, artifact));
    }

    private static byte[] fetchOnce(Source source, Artifact artifact) throws FlipsideException {
        ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(artifact.sizeBytes()));
        source.fetchRange(
                RepositoryLayout.blob(artifact.sha256()), 0, artifact.sizeBytes(), whole::put);
        String found = HexFormat.of().formatHex(sha256().digest(whole.array()));
        if (!found.equals(artifact.sha256())) {
            throw new FlipsideException(
                    FailureCode.DIGEST_MISMATCH,
                    artifact.name(),
                    "SHA-256 " + artifact.sha256(),
                    found,
                    "publish the release again");
        }
        return whole.array();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
