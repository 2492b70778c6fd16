package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFolder;
import dev.flipside.platform.DurableFolder;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.Channel;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** {@code repo publish}: a release becomes a target, and its artifacts become blobs. */
public final class ReleasePublication {
    private static final String MANIFEST = "release.json";

    private final RepositoryWriter writer;
    private final DurableFolder release;
    private final Path releasePath;

    ReleasePublication(RepositoryWriter writer, Path releasePath) throws IOException {
        this.writer = writer;
        this.release = DiskFolder.open(releasePath);
        this.releasePath = releasePath;
    }

    /** What was published, or will be once all have signed. */
    public record Published(
            ReleaseManifest manifest, String manifestSha256, long newBlobBytes, Outcome outcome) {}

    /**
     * @throws FlipsideException {@code release-exists} when the version has been published before,
     *     {@code digest-mismatch} when an artifact is not what the manifest says, {@code
     *     input-missing}, {@code manifest-malformed}, {@code key-missing}, {@code repository-busy}
     */
    public static Published run(Publisher publisher, Path release)
            throws FlipsideException, IOException {
        return run(publisher, release, Optional.empty());
    }

    /** As {@link #run}, and for systemd-sysupdate, too. */
    public static Published run(
            Publisher publisher, Path release, Optional<SysupdateRequest> sysupdate)
            throws FlipsideException, IOException {
        if (!Files.isDirectory(release)) {
            throw missing(release.toString(), "a folder that 'build' made");
        }
        try (RepositoryWriter writer = RepositoryWriter.open(publisher)) {
            RepositoryKeys keys =
                    RepositoryKeys.read(
                            publisher.keys(), Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            return new ReleasePublication(writer, release).publish(keys, sysupdate);
        }
    }

    Published publish(RepositoryKeys keys) throws FlipsideException, IOException {
        return publish(keys, Optional.empty());
    }

    private Published publish(RepositoryKeys keys, Optional<SysupdateRequest> sysupdate)
            throws FlipsideException, IOException {
        Optional<byte[]> file = release.read(MANIFEST, ReleaseManifestJson.MAX_SIZE_BYTES);
        if (file.isEmpty()) {
            throw missing(releasePath.resolve(MANIFEST).toString(), "the release's manifest");
        }
        ReleaseManifest manifest = ReleaseManifestJson.parse(file.get());
        TargetChanges changes = writer.changes();
        String path =
                RepositoryLayout.release(
                        manifest.product(), manifest.architecture(), manifest.version());
        if (changes.target(path).isPresent()) {
            throw exists(manifest);
        }
        // All are checked before the first is copied, so that a bad release leaves nothing.
        for (Artifact artifact : manifest.artifacts()) {
            check(artifact);
        }
        AtomicLong newBlobBytes = new AtomicLong();
        SysupdateFolder plain = new SysupdateFolder(writer.files(), manifest);
        // Copied only once all has been signed: a missing key leaves no trace.
        changes.needs(
                blobs -> {
                    for (Artifact artifact : manifest.artifacts()) {
                        if (isBlob(artifact.role())) {
                            newBlobBytes.addAndGet(copyUnlessThere(artifact, blobs));
                        }
                    }
                    if (sysupdate.isPresent()) {
                        plain.copy(release);
                    }
                });
        changes.put(path, file.get());
        Outcome outcome = writer.publish(changes, keys);
        if (sysupdate.isPresent() && outcome instanceof Outcome.Published(Complete metadata)) {
            plain.publish(metadata, sysupdate.get(), writer.now());
        }
        return new Published(manifest, Digests.sha256(file.get()), newBlobBytes.get(), outcome);
    }

    /** Hosts make the image from pack, index and tree; nobody asks for it as a whole. */
    static boolean isBlob(Artifact.Role role) {
        return switch (role) {
            case TREE, UKI, PACK, INDEX, SIGNATURE, SPDX, CYCLONEDX, PROVENANCE -> true;
            case IMAGE -> false;
        };
    }

    private void check(Artifact artifact) throws FlipsideException, IOException {
        Path path = releasePath.resolve(artifact.name());
        if (!Files.isRegularFile(path)) {
            throw missing(path.toString(), "an artifact of the release");
        }
        Measured found;
        try (SeekableByteChannel in = release.open(artifact.name())) {
            found = Measured.read(in);
        }
        if (!found.equals(expected(artifact))) {
            throw new FlipsideException(
                    FailureCode.DIGEST_MISMATCH,
                    path.toString(),
                    artifact.sizeBytes() + " bytes with sha256 " + artifact.sha256(),
                    found.sizeBytes() + " bytes with " + found.sha256(),
                    "build the release again");
        }
    }

    private static Measured expected(Artifact artifact) {
        return new Measured(artifact.sizeBytes(), artifact.sha256());
    }

    private long copyUnlessThere(Artifact artifact, DurableFolder blobs) throws IOException {
        String path = RepositoryLayout.blob(artifact.sha256());
        if (blobs.sizeBytes(path).isPresent()) {
            try (SeekableByteChannel in = blobs.open(path)) {
                if (Measured.read(in).equals(expected(artifact))) {
                    return 0;
                }
            }
        }
        blobs.replace(
                path,
                out -> {
                    try (SeekableByteChannel in = release.open(artifact.name())) {
                        if (!Measured.copy(in, out).equals(expected(artifact))) {
                            throw new IOException(artifact.name() + " changed while it was copied");
                        }
                    }
                });
        return artifact.sizeBytes();
    }

    private static FlipsideException missing(String what, String expected) {
        return new FlipsideException(
                FailureCode.INPUT_MISSING, what, expected, "nothing there", "check the path");
    }

    private FlipsideException exists(ReleaseManifest manifest) {
        return new FlipsideException(
                FailureCode.RELEASE_EXISTS,
                writer.files().path() + ": release " + manifest.version(),
                "a version that "
                        + manifest.product()
                        + " has not published for "
                        + manifest.architecture().code(),
                "one that has been published",
                "build it with another version: a published release never changes");
    }

    static Channel.Pointer pointer(ReleaseManifest manifest, byte[] file) {
        return new Channel.Pointer(manifest.version(), Digests.sha256(file));
    }
}
