package dev.flipside.builder.repo;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.FolderLock;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A repository that is being changed, by this process alone.
 *
 * <p>Invariant: nothing that a host can reach from {@code timestamp.json} is ever changed. New
 * files come first, under names of their own, and what makes hosts see them comes last; so a
 * reader, a crash, or an upload in this order sees the old state or the new one. All of it is
 * signed, and checked as a host does, before the first file is written.
 */
final class RepositoryWriter implements Closeable {
    private final RepositoryFiles files;
    private final Closeable lock;
    private final Instant now;
    private final Publisher publisher;
    private final Proposal waiting;
    private Optional<byte[]> timestamp = Optional.empty();
    private Optional<Complete> published = Optional.empty();
    private Optional<Draft> proposal = Optional.empty();

    RepositoryWriter(RepositoryFiles files, Closeable lock, Publisher publisher) {
        this.files = files;
        this.lock = lock;
        this.now = publisher.clock().instant();
        this.publisher = publisher;
        this.waiting = new Proposal(files.folder());
    }

    /** Files under names of their own, which nobody is led to before the metadata is written. */
    @FunctionalInterface
    interface NewFiles {
        NewFiles NONE = folder -> {};

        void writeTo(DurableFolder folder) throws IOException;
    }

    /** How the state that is there is read. */
    @FunctionalInterface
    interface Reading {
        Complete read(RepositoryFiles files) throws FlipsideException, IOException;
    }

    /** To change what hosts can read. */
    static RepositoryWriter open(Publisher publisher) throws FlipsideException, IOException {
        return locked(RepositoryFiles.open(publisher.repository()), publisher)
                .load(files -> files.metadata(RepositoryFiles.WHENEVER));
    }

    /** To sign it anew, also where a rotation was cut off. */
    static RepositoryWriter openToRefresh(Publisher publisher)
            throws FlipsideException, IOException {
        return locked(RepositoryFiles.open(publisher.repository()), publisher)
                .load(RepositoryFiles::metadataOfCutRotation);
    }

    /** To complete what was proposed, which may be the repository itself. */
    static RepositoryWriter openProposed(Publisher publisher)
            throws FlipsideException, IOException {
        return locked(RepositoryFiles.openAny(publisher.repository()), publisher)
                .load(files -> files.metadata(RepositoryFiles.WHENEVER));
    }

    /** To make a repository. */
    static RepositoryWriter create(Publisher publisher, RepositorySettings settings)
            throws FlipsideException, IOException {
        return locked(RepositoryFiles.create(publisher.repository(), settings), publisher);
    }

    private static RepositoryWriter locked(RepositoryFiles files, Publisher publisher)
            throws FlipsideException, IOException {
        Optional<FolderLock> lock = FolderLock.tryLock(files.path());
        if (lock.isEmpty()) {
            throw busy(files, "one that another process has locked");
        }
        RepositoryWriter writer = new RepositoryWriter(files, lock.get(), publisher);
        try {
            // What a writer that was cut off has left; while the lock is held there is no other.
            files.folder().sweepTemporaryFiles();
            return writer;
        } catch (IOException e) {
            writer.close();
            throw e;
        }
    }

    /** Reads what is there. */
    RepositoryWriter load(Reading reading) throws FlipsideException, IOException {
        try {
            timestamp = files.timestamp();
            if (files.isPublished()) {
                published = Optional.of(reading.read(files));
            }
            proposal = waiting.read(published);
            requireNoDelegations();
            return this;
        } catch (IOException | FlipsideException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void requireNoDelegations() throws FlipsideException {
        if (published.flatMap(it -> it.targets().delegations()).isPresent()) {
            throw new FlipsideException(
                    FailureCode.REPOSITORY_INVALID,
                    files.path() + ": targets.json",
                    "no delegations, which this version cannot write again",
                    "delegations",
                    "use the tool that made them");
        }
    }

    RepositoryFiles files() {
        return files;
    }

    Instant now() {
        return now;
    }

    /** What hosts find. */
    Complete current() {
        return published.orElseThrow();
    }

    /** The same; empty while even the first state only waits for signatures. */
    Optional<Complete> published() {
        return published;
    }

    /** What waits for signatures. */
    Optional<Draft> proposal() {
        return proposal;
    }

    Instant expiry(Role role) {
        return files.settings().lifetimes().with(publisher.expiresDays()).expiry(role, now);
    }

    /** The root that will hold when what is proposed has been signed. */
    RootMetadata root() {
        return proposal.flatMap(Draft::root)
                .map(SignedMetadata::metadata)
                .orElseGet(() -> current().root());
    }

    /**
     * The targets to go on from: those that are published, or proposed.
     *
     * @throws FlipsideException {@code proposal-pending} when there is a proposal, which this
     *     publisher would make worthless
     */
    TargetChanges changes() throws FlipsideException {
        requireNothingPending();
        return new TargetChanges(files, targets());
    }

    private SortedMap<String, Target> targets() {
        return proposal.flatMap(Draft::targets)
                .map(it -> it.metadata().targets())
                .or(() -> published.map(it -> it.targets().targets()))
                .orElseGet(TreeMap::new);
    }

    void requireNothingPending() throws FlipsideException {
        if (proposal.isPresent() && !publisher.proposes()) {
            throw pending(files);
        }
    }

    static FlipsideException pending(RepositoryFiles files) {
        return new FlipsideException(
                FailureCode.PROPOSAL_PENDING,
                files.path().toString(),
                "no proposal that waits for signatures",
                "one in '" + Proposal.FOLDER + "'",
                "import its signatures, add to it with --propose, or drop it with 'repo discard'");
    }

    /** Publishes other targets, or proposes them. */
    Outcome publish(TargetChanges changes, RepositoryKeys keys)
            throws FlipsideException, IOException {
        return commit(
                proposal.orElse(Draft.NOTHING).withTargets(nextTargets(changes.targets())),
                changes,
                keys);
    }

    /** Publishes the next root, or proposes it. */
    Outcome publish(RootMetadata next, RepositoryKeys keys) throws FlipsideException, IOException {
        return commit(proposal.orElse(Draft.NOTHING).withRoot(next), NewFiles.NONE, keys);
    }

    /** Signs what hosts find anew. */
    Outcome refresh(RepositoryKeys keys) throws FlipsideException, IOException {
        return commit(Draft.NOTHING, NewFiles.NONE, keys);
    }

    private TargetsMetadata nextTargets(SortedMap<String, Target> targets) {
        return new TargetsMetadata(
                Proposal.targetsVersion(published) + 1, expiry(Role.TARGETS), targets);
    }

    /** Publishes a draft once all have signed, and keeps it as a proposal until then. */
    Outcome commit(Draft draft, NewFiles contents, RepositoryKeys keys)
            throws FlipsideException, IOException {
        Optional<RootMetadata> root = published.map(Complete::root);
        Draft signed = withTargetsOf(draft).signedBy(keys, root);
        List<FlipsideException> missing = signed.missing(root, files.settings().algorithms());
        Optional<NextState> next = Optional.empty();
        if (missing.isEmpty()) {
            try {
                next =
                        Optional.of(
                                NextState.of(published, signed, targetsFile(signed), keys, this));
            } catch (FlipsideException e) {
                if (!Draft.isTooFew(e)) {
                    throw e;
                }
                missing = List.of(e);
            }
        }
        if (next.isEmpty()) {
            return propose(signed, contents, missing, keys);
        }
        requireNobodyElse();
        contents.writeTo(files.folder());
        next.get().write(files.folder());
        if (!draft.equals(Draft.NOTHING)) {
            waiting.remove();
        }
        return new Outcome.Published(next.get().complete());
    }

    /** With a root that does not accept the targets as they are signed, they are signed anew. */
    private Draft withTargetsOf(Draft draft) throws FlipsideException, IOException {
        if (draft.targets().isPresent()) {
            return draft;
        }
        RootMetadata signers = draft.signers(published.map(Complete::root)).getLast();
        try {
            if (published.isPresent()) {
                SignedMetadata.targets(targetsFile(draft))
                        .checkSignedBy(signers, Role.TARGETS, files.settings().algorithms());
                return draft;
            }
        } catch (FlipsideException e) {
            if (!Draft.isTooFew(e)) {
                throw e;
            }
        }
        return draft.withTargets(nextTargets(targets()));
    }

    private byte[] targetsFile(Draft draft) throws FlipsideException, IOException {
        return draft.targets().isPresent()
                ? draft.targets().get().encode()
                : files.metadataFile(Role.TARGETS, current().targets().version());
    }

    private Outcome propose(
            Draft draft, NewFiles contents, List<FlipsideException> missing, RepositoryKeys keys)
            throws FlipsideException, IOException {
        if (!publisher.proposes() || draft.equals(Draft.NOTHING)) {
            throw keyMissing(missing.getFirst(), keys);
        }
        contents.writeTo(files.folder());
        return new Outcome.Proposed(
                waiting.write(draft),
                missing.stream()
                        .map(
                                it ->
                                        it.failure().what()
                                                + ": expected "
                                                + it.failure().expected()
                                                + ", found "
                                                + it.failure().found())
                        .toList());
    }

    private static FlipsideException keyMissing(FlipsideException missing, RepositoryKeys keys) {
        Failure failure = missing.failure();
        return new FlipsideException(
                new Failure(
                        FailureCode.KEY_MISSING,
                        keys.folder() + ": keys to sign " + failure.what(),
                        failure.expected(),
                        failure.found(),
                        "give the folder with the keys that the root lists, or leave a proposal with --propose"),
                missing);
    }

    // The lock holds where the file system has locks; on others, this sees it before any harm.
    private void requireNobodyElse() throws FlipsideException, IOException {
        if (!Arrays.equals(timestamp.orElse(null), files.timestamp().orElse(null))) {
            throw busy(files, "one that somebody else has changed meanwhile");
        }
    }

    private static FlipsideException busy(RepositoryFiles files, String found) {
        return new FlipsideException(
                FailureCode.REPOSITORY_BUSY,
                files.path().toString(),
                "a repository that nobody else is changing",
                found,
                "wait until the other one is done, and try again");
    }

    /** Drops what waits for signatures. */
    void discard() throws IOException {
        waiting.remove();
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
