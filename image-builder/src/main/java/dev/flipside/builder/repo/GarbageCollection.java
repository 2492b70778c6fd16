package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.SnapshotMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * {@code repo gc}: releases that no channel, pin window or delta base needs are no targets any
 * more, and files that nobody can be led to are removed.
 *
 * <p>Invariant: what the state before the present one leads to stays, for hosts that are on their
 * way; so the files of a release that is dropped go in a later run.
 */
public final class GarbageCollection {
    private GarbageCollection() {}

    /**
     * What stays.
     *
     * @param pinWindow how many of the newest releases of each product and architecture
     * @param keep versions that stay whatever is so
     * @param dryRun whether nothing is changed
     */
    public record Request(int pinWindow, Set<String> keep, boolean dryRun) {
        public static final int DEFAULT_PIN_WINDOW = 10;

        public Request {
            keep = Set.copyOf(keep);
        }
    }

    /**
     * What has gone, or would.
     *
     * @param dropped releases, as {@code PRODUCT VERSION for ARCH}
     */
    public record Collected(
            List<String> dropped, int files, long bytes, Optional<Outcome> outcome) {
        public Collected {
            dropped = List.copyOf(dropped);
        }
    }

    /**
     * @throws FlipsideException {@code key-missing}, {@code repository-busy}
     */
    public static Collected run(Publisher publisher, Request request)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.open(publisher)) {
            return run(writer, publisher, request);
        }
    }

    static Collected run(RepositoryWriter writer, Publisher publisher, Request request)
            throws FlipsideException, IOException {
        TargetChanges changes = writer.changes();
        NeededReleases needed =
                new NeededReleases(
                        new ChannelFiles(changes).all(Choice.ANY),
                        request.pinWindow(),
                        request.keep());
        List<ReleaseTarget> dropped =
                needed.notNeeded(ReleaseTarget.of(changes.targets().values()));
        dropped.forEach(release -> changes.remove(release.target().path()));
        Complete before = writer.current();
        Optional<Outcome> outcome = Optional.empty();
        ReachableFiles reachable = new ReachableFiles(writer.files());
        reachable.add(before.snapshot());
        if (dropped.isEmpty()) {
            addPrevious(reachable, writer.files(), before);
        } else if (!request.dryRun()) {
            RepositoryKeys keys =
                    RepositoryKeys.read(
                            publisher.keys(), Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            outcome = Optional.of(writer.publish(changes, keys));
            if (outcome.get() instanceof Outcome.Published(Complete after)) {
                reachable.add(after.snapshot());
            }
        }
        addProposed(reachable, writer);
        SortedSet<String> gone = reachable.unreached();
        long bytes = remove(writer.files(), gone, request.dryRun());
        return new Collected(
                dropped.stream().map(ReleaseTarget::words).toList(), gone.size(), bytes, outcome);
    }

    private static void addPrevious(
            ReachableFiles reachable, RepositoryFiles files, Complete current)
            throws FlipsideException, IOException {
        long version = current.snapshot().version() - 1;
        String path = RepositoryLayout.metadata(Role.SNAPSHOT, version);
        if (files.folder().sizeBytes(path).isPresent()) {
            SnapshotMetadata previous =
                    SignedMetadata.snapshot(files.metadataFile(Role.SNAPSHOT, version)).metadata();
            reachable.add(previous);
        }
    }

    private static void addProposed(ReachableFiles reachable, RepositoryWriter writer)
            throws FlipsideException, IOException {
        Optional<Draft> proposal =
                new Proposal(writer.files().folder()).read(Optional.of(writer.current()));
        if (proposal.isPresent() && proposal.get().targets().isPresent()) {
            reachable.add(proposal.get().targets().get().metadata());
        }
    }

    private static long remove(RepositoryFiles files, SortedSet<String> gone, boolean dryRun)
            throws IOException {
        long bytes = 0;
        for (String path : gone) {
            bytes += files.folder().sizeBytes(path).orElse(0L);
            if (!dryRun) {
                files.folder().remove(path);
            }
        }
        return bytes;
    }
}
