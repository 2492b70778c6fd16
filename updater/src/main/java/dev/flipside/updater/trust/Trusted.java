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
import dev.flipside.tuf.MetaFile;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetSearch;
import dev.flipside.tuf.TargetSearch.Step;
import dev.flipside.tuf.TrustedMetadata;
import dev.flipside.updater.source.Source;
import java.io.IOException;
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
    private final TrustStore store;
    private final TrustedMetadata.Complete metadata;
    private final List<Failure> discarded;

    Trusted(
            Source source,
            TrustStore store,
            TrustedMetadata.Complete metadata,
            Collection<Failure> discarded) {
        this.source = source;
        this.store = store;
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

    /**
     * What the top-level targets role, or one that it delegates to, says of a target path.
     *
     * @throws FlipsideException when a role on the way cannot be fetched, or must not be trusted:
     *     the search ends there, as what comes after it ranks below it
     */
    public Optional<Target> target(String path) throws FlipsideException {
        // 5.6.7
        TargetSearch search = metadata.search(path);
        for (Optional<Step> step = search.next(); step.isPresent(); step = search.next()) {
            visit(search, step.get());
        }
        return search.found();
    }

    private void visit(TargetSearch search, Step step) throws FlipsideException {
        if (acceptsStored(search, step)) {
            return;
        }
        MetaFile expected = search.expected(step);
        String path =
                RepositoryLayout.delegated(
                        step.role(), expected.version(), metadata.root().consistentSnapshot());
        Optional<byte[]> file = source.fetch(path, expected.maxBytes(Role.TARGETS));
        if (file.isEmpty()) {
            throw TrustedRepository.missing(path);
        }
        search.accept(step, file.get());
        store.keepDelegated(step.role(), file.get());
    }

    // A stored copy saves a download and decides nothing.
    private boolean acceptsStored(TargetSearch search, Step step) {
        try {
            Optional<byte[]> file = store.delegated(step.role());
            if (file.isPresent()) {
                search.accept(step, file.get());
            }
            return file.isPresent();
        } catch (FlipsideException | IOException e) {
            return false;
        }
    }

    /**
     * The content of a target, checked by length and digest.
     *
     * @throws FlipsideException {@code target-unknown}, {@code length-mismatch}, {@code
     *     digest-mismatch}, {@code source-file-missing} and the codes of {@link Source#fetch}
     */
    public byte[] fetch(String path) throws FlipsideException {
        Target target = require(path);
        if (target.lengthBytes() > MAX_TARGET_BYTES) {
            throw unknown(
                    path,
                    "at most " + MAX_TARGET_BYTES + " bytes",
                    target.lengthBytes() + " bytes");
        }
        Optional<byte[]> stored = stored(target);
        if (stored.isPresent()) {
            return stored.get();
        }
        // 5.7.3
        String file = RepositoryLayout.target(target, metadata.root().consistentSnapshot());
        Optional<byte[]> content = source.fetch(file, (int) target.lengthBytes());
        if (content.isEmpty()) {
            throw TrustedRepository.missing(file);
        }
        target.check(content.get());
        store.keepTarget(target, content.get());
        return content.get();
    }

    /**
     * Hands over the content of a target of any size piece by piece. Whoever takes it must not use
     * any of it before this has returned: only then has the digest been checked.
     */
    public void fetch(String path, Source.Sink sink) throws FlipsideException {
        Target target = require(path);
        Digests.Check check = target.digests().check();
        source.fetchRange(
                RepositoryLayout.target(target, metadata.root().consistentSnapshot()),
                0,
                target.lengthBytes(),
                piece -> {
                    check.update(piece.duplicate());
                    sink.accept(piece);
                });
        check.finish(path, FailureCode.DIGEST_MISMATCH);
    }

    private Target require(String path) throws FlipsideException {
        // 5.7.1 and 5.7.2
        return target(path).orElseThrow(() -> unknown(path, "a target of the repository", "none"));
    }

    private Optional<byte[]> stored(Target target) {
        try {
            Optional<byte[]> content = store.target(target);
            if (content.isPresent()) {
                target.check(content.get());
            }
            return content;
        } catch (FlipsideException | IOException e) {
            return Optional.empty();
        }
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
        return release(channel, channel.release());
    }

    /** One that a channel points to: what it offers, or a stepping stone. */
    public Release release(Channel channel, Channel.Pointer pointer) throws FlipsideException {
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
