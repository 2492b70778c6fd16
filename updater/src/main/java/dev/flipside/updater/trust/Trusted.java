package dev.flipside.updater.trust;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.Channel;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TrustedMetadata;
import dev.flipside.updater.source.Source;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A repository whose metadata has been checked: its files can be asked for by name, and come only
 * if they are what the targets role signed for (TUF 1.0.34, section 5.7).
 */
public final class Trusted {
    /** The largest target that is read as a whole: manifests and channels are far below. */
    static final int MAX_TARGET_BYTES = 1 << 20;

    private final Source source;
    private final TrustedMetadata.Complete metadata;
    private final List<Failure> discarded;

    Trusted(Source source, TrustedMetadata.Complete metadata, Collection<Failure> discarded) {
        this.source = source;
        this.metadata = metadata;
        this.discarded = List.copyOf(discarded);
    }

    /** A release, with the digest of its manifest, which identifies it. */
    public record Release(ReleaseManifest manifest, String manifestSha256) {}

    /** Versions and expiries, for those who want to know how things stand. */
    public TrustedMetadata.Complete metadata() {
        return metadata;
    }

    /** Why stored files were not used; not empty only after damage, or a change of keys. */
    public List<Failure> discarded() {
        return discarded;
    }

    public Optional<Target> target(String path) {
        return metadata.targets().target(path);
    }

    /**
     * The content of a target, checked by length and digest.
     *
     * @throws FlipsideException {@code target-unknown}, {@code digest-mismatch}, {@code
     *     source-file-missing} and the codes of {@link Source#fetch}
     */
    public byte[] fetch(String path) throws FlipsideException {
        // 5.7.2
        Optional<Target> target = target(path);
        if (target.isEmpty()) {
            throw unknown(path, "a target of the repository", "none");
        }
        if (target.get().lengthBytes() > MAX_TARGET_BYTES) {
            throw unknown(
                    path,
                    "at most " + MAX_TARGET_BYTES + " bytes",
                    target.get().lengthBytes() + " bytes");
        }
        // 5.7.3
        String file = RepositoryLayout.target(target.get(), metadata.root().consistentSnapshot());
        Optional<byte[]> content = source.fetch(file, (int) target.get().lengthBytes());
        if (content.isEmpty()) {
            throw TrustedRepository.missing(file);
        }
        target.get().check(content.get());
        return content.get();
    }

    /** A channel; {@code target-unknown} when the repository has none of this name. */
    public Channel channel(String product, Architecture architecture, String name)
            throws FlipsideException {
        String path = RepositoryLayout.channel(product, architecture, name);
        Channel channel = Channel.parse(fetch(path));
        if (!channel.product().equals(product)
                || channel.architecture() != architecture
                || !channel.name().equals(name)) {
            throw misplaced(
                    path,
                    channel.product()
                            + ", "
                            + channel.architecture().code()
                            + ", "
                            + channel.name());
        }
        return channel;
    }

    /** A release by its version; {@code target-unknown} when it has not been published. */
    public Release release(String product, Architecture architecture, String version)
            throws FlipsideException {
        String path = RepositoryLayout.release(product, architecture, version);
        byte[] content = fetch(path);
        ReleaseManifest manifest = ReleaseManifestJson.parse(content);
        if (!manifest.product().equals(product)
                || manifest.architecture() != architecture
                || !manifest.version().equals(version)) {
            throw misplaced(
                    path,
                    manifest.product()
                            + ", "
                            + manifest.architecture().code()
                            + ", "
                            + manifest.version());
        }
        return new Release(manifest, Digests.sha256(content));
    }

    /** The release that a channel points to, and no other one of the same version. */
    public Release release(Channel channel) throws FlipsideException {
        Channel.Pointer pointer = channel.release();
        Release release = release(channel.product(), channel.architecture(), pointer.version());
        if (!release.manifestSha256().equals(pointer.manifestSha256())) {
            throw new FlipsideException(
                    FailureCode.DIGEST_MISMATCH,
                    "release " + pointer.version() + " of channel " + channel.name(),
                    "manifest " + pointer.manifestSha256(),
                    release.manifestSha256(),
                    "promote the release again");
        }
        return release;
    }

    private static FlipsideException unknown(String path, String expected, String found) {
        return new FlipsideException(
                FailureCode.TARGET_UNKNOWN,
                path,
                expected,
                found,
                "check product, architecture, channel and version, and publish what is missing");
    }

    private static FlipsideException misplaced(String path, String found) {
        return new FlipsideException(
                FailureCode.METADATA_MISMATCH,
                path,
                "the product, architecture and name that the path has",
                found,
                "publish it again under its own path");
    }
}
