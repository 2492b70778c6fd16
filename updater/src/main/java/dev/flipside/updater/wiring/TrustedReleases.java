package dev.flipside.updater.wiring;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.release.Architecture;
import dev.flipside.repository.Channel;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Repository;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.lifecycle.Wanted;
import dev.flipside.updater.source.Source;
import dev.flipside.updater.trust.TrustStore;
import dev.flipside.updater.trust.Trusted;
import dev.flipside.updater.trust.TrustedRepository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The repository at a source, as the host's trust store lets it be seen. */
final class TrustedReleases implements Repository {
    private static final int MAX_ROOT_BYTES = 1 << 20;

    private final UpdaterConfig config;
    private final SourceOnDemand source;
    private final DurableFolder trust;
    private final InstantSource clock;

    TrustedReleases(
            UpdaterConfig config, SourceOnDemand source, DurableFolder trust, InstantSource clock) {
        this.config = config;
        this.source = source;
        this.trust = trust;
        this.clock = clock;
    }

    @Override
    public Catalogue refresh() throws FlipsideException {
        source.get().startOver();
        return insist(this::refreshOnce);
    }

    @Override
    public boolean refused(Failure failure) throws FlipsideException {
        return source.get().refused(failure, 0);
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws FlipsideException;
    }

    // What has passed all checks was kept, so each further try begins where the last one ended.
    private <T> T insist(Attempt<T> attempt) throws FlipsideException {
        while (true) {
            try {
                return attempt.run();
            } catch (FlipsideException e) {
                if (!source.get().refused(e.failure(), 0)) {
                    throw e;
                }
            }
        }
    }

    private Catalogue refreshOnce() throws FlipsideException {
        Path rootJson = config.host().rootJson();
        TrustStore store =
                new TrustStore(
                        trust, initialRoot(rootJson), buildTime(), config.policy().algorithms());
        Trusted trusted = TrustedRepository.refresh(source.get(), store, clock);
        return new TrustedCatalogue(trusted, channel(trusted));
    }

    @Override
    public void fetchUki(
            Candidate.Found release, long offsetBytes, long sizeBytes, Source.Sink sink)
            throws FlipsideException {
        String path = RepositoryLayout.blob(release.uki().sha256());
        source.get().fetchRange(path, offsetBytes, sizeBytes, sink);
    }

    private Optional<Channel> channel(Trusted trusted) throws FlipsideException {
        String name = config.policy().channel();
        String product = config.host().product();
        Architecture architecture = config.host().architecture();
        boolean exists =
                trusted.target(RepositoryLayout.channel(product, architecture, name)).isPresent();
        return exists
                ? Optional.of(trusted.channel(product, architecture, name))
                : Optional.empty();
    }

    private static byte[] initialRoot(Path path) throws FlipsideException {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(MAX_ROOT_BYTES);
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.INPUT_MISSING,
                            path.toString(),
                            "the root metadata that this host trusts first",
                            e.getClass().getSimpleName(),
                            "set '[host] root-json' to the root.json of the repository"),
                    e);
        }
    }

    /**
     * A time that has passed when the image was built: the newest that a file of it has, among
     * those that every build writes, or that say it to systemd (clock-epoch).
     */
    private Instant buildTime() {
        Path root = config.host().systemRoot();
        return Stream.of(
                        config.host().rootJson(),
                        root.resolve("usr/lib/clock-epoch"),
                        root.resolve("usr/lib/os-release"))
                .flatMap(path -> modified(path).stream())
                .max(Comparator.naturalOrder())
                .orElse(Instant.EPOCH);
    }

    private static Optional<Instant> modified(Path path) {
        try {
            return Optional.of(Files.getLastModifiedTime(path).toInstant());
        } catch (IOException e) {
            // Most images have one or two of them.
            return Optional.empty();
        }
    }

    /** What one refresh has found. */
    private final class TrustedCatalogue implements Catalogue {
        private final Trusted trusted;
        private final Optional<Channel> channel;

        TrustedCatalogue(Trusted trusted, Optional<Channel> channel) {
            this.trusted = trusted;
            this.channel = channel;
        }

        @Override
        public Optional<Wanted.Offer> offered() {
            return channel.map(
                    it ->
                            new Wanted.Offer(
                                    it.release().version(),
                                    it.securityFloor(),
                                    it.steppingStones().stream()
                                            .map(Channel.Pointer::version)
                                            .toList(),
                                    it.withdrawn().stream()
                                            .map(Channel.Pointer::manifestSha256)
                                            .collect(Collectors.toSet()),
                                    it.waves()));
        }

        @Override
        public Optional<Candidate> find(String version) throws FlipsideException {
            String product = config.host().product();
            Architecture architecture = config.host().architecture();
            String path = RepositoryLayout.release(product, architecture, version);
            if (trusted.target(path).isEmpty()) {
                return Optional.empty();
            }
            try {
                Optional<Channel.Pointer> pointer =
                        channel.stream()
                                .flatMap(
                                        it ->
                                                Stream.concat(
                                                        Stream.of(it.release()),
                                                        it.steppingStones().stream()))
                                .filter(it -> it.version().equals(version))
                                .findFirst();
                Trusted.Release release =
                        insist(
                                () ->
                                        pointer.isPresent()
                                                ? trusted.release(
                                                        channel.orElseThrow(), pointer.get())
                                                : trusted.release(product, architecture, version));
                return Optional.of(
                        new Candidate.Found(release.manifest(), release.manifestSha256()));
            } catch (FlipsideException e) {
                if (e.failure().code() == FailureCode.MANIFEST_FORMAT_UNKNOWN) {
                    return Optional.of(new Candidate.NewerFormat(version, e.failure().found()));
                }
                throw e;
            }
        }
    }
}
