package dev.flipside.updater.trust;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.TrustedMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import dev.flipside.tuf.TrustedMetadata.Remembered;
import dev.flipside.tuf.TrustedMetadata.Roots;
import dev.flipside.tuf.TrustedMetadata.Rules;
import dev.flipside.tuf.TrustedMetadata.Snapshotted;
import dev.flipside.tuf.TrustedMetadata.Stamped;
import dev.flipside.updater.source.Conditional;
import dev.flipside.updater.source.Source;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One refresh of what a host trusts: the client workflow of TUF 1.0.34, sections 5.1 to 5.6.6,
 * whose step numbers stand in the comments. What is checked, and in which order, is {@link
 * TrustedMetadata}; here is what is fetched, and when it is kept.
 *
 * <p>Invariant: a file is kept only after every check on it has passed, so whatever a source sends,
 * and wherever a refresh ends, the next one can go on from the store.
 *
 * <p>A stored file that is damaged, or that the current keys did not sign, ends no refresh: the
 * host would never update again. It is treated as if it were not there, and named in {@link
 * Trusted#discarded}, since with it goes what it alone remembered: the versions below which this
 * role may not fall. Until that role's metadata expires, an old copy of it would then be taken for
 * new. What the other files remember still holds, and the security floor of the host is kept
 * elsewhere.
 */
public final class TrustedRepository {
    /** How many roots are fetched in one refresh (Y of 5.3.3). */
    static final int MAX_ROTATIONS = 256;

    private final Source source;
    private final TrustStore store;
    private final Set<Failure> discarded = new LinkedHashSet<>();
    private Optional<Instant> acceptedTime = Optional.empty();

    private TrustedRepository(Source source, TrustStore store) {
        this.source = source;
        this.store = store;
    }

    /**
     * Brings the store up to date with the source.
     *
     * @return what can be trusted now; its targets are fetched through the same source
     * @throws FlipsideException {@code signature-invalid}, {@code metadata-malformed}, {@code
     *     metadata-expired}, {@code metadata-rollback} or {@code metadata-mismatch} when the source
     *     serves what must not be trusted; the codes of {@link Source#fetch}; {@code
     *     source-file-missing}; {@code io-failed} when the store cannot be written
     */
    public static Trusted refresh(Source source, TrustStore store, InstantSource clock)
            throws FlipsideException {
        TrustedRepository refresh = new TrustedRepository(source, store);
        return refresh.refresh(refresh.startTime(clock));
    }

    // 5.1, and never before the image was built, or before metadata was accepted last: a clock
    // that was never set, or that lost its battery, makes nothing fresh again.
    private Instant startTime(InstantSource clock) {
        acceptedTime = stored("accepted-time", store::acceptedTime);
        return Stream.of(Optional.of(clock.instant()), Optional.of(store.notBefore()), acceptedTime)
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private Trusted refresh(Instant startTime) throws FlipsideException {
        // 5.2
        Roots roots =
                TrustedMetadata.anchoredIn(
                        store.initialRoot(), new Rules(startTime, store.algorithms()));
        // 5.3
        roots = followFetchedRoots(followStoredRoots(roots));
        Remembered remembered = roots.finish();
        remembered = recall(remembered, Role.TIMESTAMP, remembered::withTimestamp);
        remembered = recall(remembered, Role.SNAPSHOT, remembered::withSnapshot);
        Stamped stamped = refreshTimestamp(remembered);
        Snapshotted snapshotted = refreshSnapshot(stamped);
        Complete complete = refreshTargets(snapshotted);
        if (stamped.isNew() || acceptedTime.isEmpty()) {
            store.keepAcceptedTime(startTime);
        }
        return new Trusted(source, store, complete, discarded);
    }

    // Ends, as each step reads a file that no step before it has read.
    private Roots followStoredRoots(Roots initial) {
        Roots roots = initial;
        while (true) {
            long version = roots.root().version() + 1;
            Optional<byte[]> file = stored(TrustStore.rootPath(version), () -> store.root(version));
            if (file.isEmpty()) {
                return roots;
            }
            try {
                roots = roots.next(file.get());
            } catch (FlipsideException e) {
                discarded.add(e.failure());
                return roots;
            }
        }
    }

    private Roots followFetchedRoots(Roots initial) throws FlipsideException {
        Roots roots = initial;
        for (int rotation = 0; rotation < MAX_ROTATIONS; rotation++) {
            // 5.3.3
            long version = roots.root().version() + 1;
            String path = RepositoryLayout.metadata(Role.ROOT, version);
            Optional<byte[]> file = source.fetch(path, Role.ROOT.maxBytes());
            if (file.isEmpty()) {
                return roots;
            }
            // 5.3.4 to 5.3.7
            Roots next = roots.next(file.get());
            // 5.3.11 comes before 5.3.8: after a power cut between the two, the same root is
            // fetched again. The other way round, nothing would ask for this again.
            if (roots.isRecoveredBy(next)) {
                store.forget(Role.TIMESTAMP);
                store.forget(Role.SNAPSHOT);
            }
            // 5.3.8
            store.keepRoot(version, file.get());
            roots = next;
        }
        return roots;
    }

    private Remembered recall(Remembered remembered, Role role, Check<Remembered> check) {
        Optional<byte[]> file = stored(role);
        if (file.isEmpty()) {
            return remembered;
        }
        try {
            return check.accept(file.get());
        } catch (FlipsideException e) {
            discarded.add(e.failure());
            return remembered;
        }
    }

    private Stamped refreshTimestamp(Remembered remembered) throws FlipsideException {
        // 5.4.1
        String path = RepositoryLayout.metadata(Role.TIMESTAMP);
        Optional<String> validator = remembered.timestamp().flatMap(known -> storedValidator());
        return switch (source.fetchIfChanged(path, Role.TIMESTAMP.maxBytes(), validator)) {
            case Conditional.Missing missing -> throw missing(path);
            case Conditional.Unchanged unchanged -> remembered.sameTimestamp();
            case Conditional.Changed changed -> {
                // 5.4.2 to 5.4.4
                Stamped stamped = remembered.timestamp(changed.content());
                // 5.4.5
                if (stamped.isNew()) {
                    store.keepLatest(Role.TIMESTAMP, changed.content());
                    if (changed.validator().isPresent()) {
                        store.keepValidator(changed.content(), changed.validator().get());
                    }
                }
                yield stamped;
            }
        };
    }

    private Optional<String> storedValidator() {
        Optional<byte[]> timestamp = stored(Role.TIMESTAMP);
        return timestamp.isEmpty()
                ? Optional.empty()
                : stored("timestamp.validator", () -> store.validator(timestamp.get()));
    }

    private Snapshotted refreshSnapshot(Stamped stamped) throws FlipsideException {
        Optional<Snapshotted> unchanged = ifCurrent(stored(Role.SNAPSHOT), stamped::snapshot);
        if (unchanged.isPresent()) {
            return unchanged.get();
        }
        // 5.5.1
        String path = path(stamped.root(), Role.SNAPSHOT, stamped.timestamp().snapshot().version());
        byte[] fetched = fetch(path, stamped.timestamp().snapshot().maxBytes(Role.SNAPSHOT));
        // 5.5.2 to 5.5.6
        Snapshotted next = stamped.snapshot(fetched);
        // 5.5.7
        store.keepLatest(Role.SNAPSHOT, fetched);
        return next;
    }

    private Complete refreshTargets(Snapshotted snapshotted) throws FlipsideException {
        Optional<Complete> unchanged = ifCurrent(stored(Role.TARGETS), snapshotted::targets);
        if (unchanged.isPresent()) {
            return unchanged.get();
        }
        // 5.6.1
        String path =
                path(snapshotted.root(), Role.TARGETS, snapshotted.snapshot().targets().version());
        byte[] fetched = fetch(path, snapshotted.snapshot().targets().maxBytes(Role.TARGETS));
        // 5.6.2 to 5.6.5
        Complete next = snapshotted.targets(fetched);
        // 5.6.6
        store.keepLatest(Role.TARGETS, fetched);
        return next;
    }

    /** The checks that lead from one stage to the next. */
    @FunctionalInterface
    private interface Check<S extends TrustedMetadata> {
        S accept(byte[] file) throws FlipsideException;
    }

    /** The reading of a stored file. */
    @FunctionalInterface
    private interface Reading<T> {
        Optional<T> read() throws IOException;
    }

    // A stored copy saves a download and decides nothing: one that is refused, for whatever reason,
    // is fetched again, and then the failure is the fetched one's.
    private static <S extends TrustedMetadata> Optional<S> ifCurrent(
            Optional<byte[]> file, Check<S> check) {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(check.accept(file.get()));
        } catch (FlipsideException e) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> stored(Role role) {
        return stored(role.fileName(), () -> store.latest(role));
    }

    private <T> Optional<T> stored(String path, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException e) {
            discarded.add(
                    new Failure(
                            FailureCode.IO_FAILED,
                            "trust store: " + path,
                            "a file that can be read",
                            String.valueOf(e.getMessage()),
                            "nothing: it is fetched again; check the disk if this comes back"));
            return Optional.empty();
        }
    }

    // 5.3.12
    private static String path(RootMetadata root, Role role, long version) {
        return root.consistentSnapshot()
                ? RepositoryLayout.metadata(role, version)
                : RepositoryLayout.metadata(role);
    }

    private byte[] fetch(String path, int maxBytes) throws FlipsideException {
        Optional<byte[]> file = source.fetch(path, maxBytes);
        if (file.isEmpty()) {
            throw missing(path);
        }
        return file.get();
    }

    static FlipsideException missing(String path) {
        return new FlipsideException(
                FailureCode.SOURCE_FILE_MISSING,
                path,
                "a file in the repository",
                "none",
                "publish the repository again, or use another mirror");
    }
}
