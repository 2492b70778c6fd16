package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.Channel;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Metadata;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * {@code repo verify}: everything that a host checks, and everything that it would have to find,
 * down to the last byte of the last blob.
 */
public final class RepositoryVerification {
    private final RepositoryFiles files;
    private final Complete metadata;

    RepositoryVerification(RepositoryFiles files, Complete metadata) {
        this.files = files;
        this.metadata = metadata;
    }

    /**
     * When the first role expires, which hosts would take for a freeze.
     *
     * @param role which one that is
     */
    public record Freshness(Role role, Instant until) {
        static Freshness of(Complete metadata) {
            Freshness first = new Freshness(Role.ROOT, metadata.root().expires());
            for (Metadata file :
                    List.of(metadata.targets(), metadata.snapshot(), metadata.timestamp())) {
                first =
                        file.expires().isBefore(first.until())
                                ? new Freshness(file.role(), file.expires())
                                : first;
            }
            return first;
        }
    }

    /**
     * What was found to be right.
     *
     * @param metadataFiles every file of metadata that is there, old ones included
     * @param unreachedFiles what no host is led to any more
     */
    public record Report(
            int releases,
            int channels,
            int blobs,
            int metadataFiles,
            int unreachedFiles,
            Freshness fresh) {
        public Instant freshUntil() {
            return fresh.until();
        }
    }

    /**
     * @throws FlipsideException the first thing that is wrong
     */
    public static Report run(Path repository, InstantSource clock)
            throws FlipsideException, IOException {
        RepositoryFiles files = RepositoryFiles.open(repository);
        return new RepositoryVerification(files, files.metadata(clock.instant())).verify();
    }

    Report verify() throws FlipsideException, IOException {
        int releases = 0;
        int blobs = 0;
        for (ReleaseTarget release : ReleaseTarget.of(metadata.targets().targets().values())) {
            blobs += verify(release);
            releases++;
        }
        int channels = 0;
        for (Target target : metadata.targets().targets().values()) {
            byte[] content = files.target(target);
            if (RepositoryLayout.isChannel(target.path())) {
                verify(target.path(), Channel.parse(content));
                channels++;
            }
        }
        ReachableFiles reachable = new ReachableFiles(files);
        reachable.add(metadata.snapshot());
        return new Report(
                releases,
                channels,
                blobs,
                new MetadataHistory(files).verify(),
                reachable.unreached().size(),
                Freshness.of(metadata));
    }

    private int verify(ReleaseTarget release) throws FlipsideException, IOException {
        ReleaseManifest manifest = ReleaseManifestJson.parse(files.target(release.target()));
        requirePath(
                release.target().path(),
                RepositoryLayout.release(
                        manifest.product(), manifest.architecture(), manifest.version()));
        int blobs = 0;
        for (Artifact artifact : manifest.artifacts()) {
            if (ReleasePublication.isBlob(artifact.role())) {
                verify(artifact);
                blobs++;
            }
        }
        return blobs;
    }

    private void verify(Artifact artifact) throws FlipsideException, IOException {
        String path = RepositoryLayout.blob(artifact.sha256());
        if (files.folder().sizeBytes(path).isEmpty()) {
            throw files.invalid(path, "the blob for " + artifact.name(), "nothing there");
        }
        Measured found;
        try (SeekableByteChannel in = files.folder().open(path)) {
            found = Measured.read(in);
        }
        if (!found.equals(new Measured(artifact.sizeBytes(), artifact.sha256()))) {
            throw new FlipsideException(
                    FailureCode.DIGEST_MISMATCH,
                    files.path() + ": " + path,
                    artifact.sizeBytes() + " bytes with this digest",
                    found.sizeBytes() + " bytes with sha256 " + found.sha256(),
                    "copy the file from a mirror that is whole");
        }
    }

    private void verify(String path, Channel channel) throws FlipsideException, IOException {
        requirePath(
                path,
                RepositoryLayout.channel(
                        channel.product(), channel.architecture(), channel.name()));
        requireRelease(path, channel.product(), channel.architecture(), channel.release());
        for (Channel.Pointer stone : channel.steppingStones()) {
            requireRelease(path, channel.product(), channel.architecture(), stone);
        }
    }

    private void requireRelease(
            String channel, String product, Architecture architecture, Channel.Pointer pointer)
            throws FlipsideException, IOException {
        String path = RepositoryLayout.release(product, architecture, pointer.version());
        Optional<Target> target = metadata.targets().target(path);
        String found = target.isEmpty() ? "none" : Digests.sha256(files.target(target.get()));
        if (!found.equals(pointer.manifestSha256())) {
            throw files.invalid(channel, path + " with sha256 " + pointer.manifestSha256(), found);
        }
    }

    private void requirePath(String path, String expected) throws FlipsideException {
        if (!path.equals(expected)) {
            throw files.invalid(path, "the content of this path", "that of " + expected);
        }
    }
}
