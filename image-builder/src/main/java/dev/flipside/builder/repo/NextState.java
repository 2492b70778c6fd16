package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.DurableFolder.Content;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.MetaFile;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.SnapshotMetadata;
import dev.flipside.tuf.TimestampMetadata;
import dev.flipside.tuf.TrustedMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import dev.flipside.tuf.TrustedMetadata.Roots;
import dev.flipside.tuf.TrustedMetadata.Rules;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The next state of a repository: all that changes of its metadata, signed, and checked as a host
 * checks it, before any of it is written.
 */
final class NextState {
    private final Optional<byte[]> root;
    private final byte[] targets;
    private final byte[] snapshot;
    private final byte[] timestamp;
    private final Complete complete;

    /** Whether a host that does not know the next root yet takes the rest, too. */
    private final boolean validBefore;

    private NextState(
            Optional<byte[]> root,
            byte[] targets,
            byte[] snapshot,
            byte[] timestamp,
            Complete complete,
            boolean validBefore) {
        this.root = root;
        this.targets = targets;
        this.snapshot = snapshot;
        this.timestamp = timestamp;
        this.complete = complete;
        this.validBefore = validBefore;
    }

    /** What a host will make of it. */
    Complete complete() {
        return complete;
    }

    /**
     * Signs snapshot and timestamp over a draft that has all its signatures.
     *
     * @param targets the targets file of the draft, or the one that stays
     * @throws FlipsideException {@code signature-invalid} or {@code signatures-too-few} when the
     *     keys at hand do not suffice
     */
    static NextState of(
            Optional<Complete> published,
            Draft draft,
            byte[] targets,
            RepositoryKeys keys,
            RepositoryWriter writer)
            throws FlipsideException, IOException {
        List<RootMetadata> roots = draft.signers(published.map(Complete::root));
        SortedMap<String, MetaFile> meta = new TreeMap<>();
        published.ifPresent(it -> meta.putAll(it.snapshot().meta()));
        meta.put(
                Role.TARGETS.fileName(),
                MetaFile.of(SignedMetadata.targets(targets).metadata().version(), targets));
        long snapshotVersion = published.map(it -> it.snapshot().version()).orElse(0L) + 1;
        SnapshotMetadata snapshot =
                new SnapshotMetadata(snapshotVersion, writer.expiry(Role.SNAPSHOT), meta);
        byte[] snapshotFile = keys.sign(SignedMetadata.unsigned(snapshot), roots).encode();
        TimestampMetadata timestamp =
                new TimestampMetadata(
                        published.map(it -> it.timestamp().version()).orElse(0L) + 1,
                        writer.expiry(Role.TIMESTAMP),
                        MetaFile.of(snapshotVersion, snapshotFile));
        byte[] timestampFile = keys.sign(SignedMetadata.unsigned(timestamp), roots).encode();
        Optional<byte[]> root =
                draft.root().isEmpty()
                        ? Optional.empty()
                        : Optional.of(draft.root().get().encode());
        Rules rules = writer.files().rules(RepositoryFiles.WHENEVER);
        Roots next = roots(published, root, rules);
        return new NextState(
                root,
                targets,
                snapshotFile,
                timestampFile,
                complete(next, timestampFile, snapshotFile, targets),
                published.isPresent()
                        && isValid(
                                new Roots(rules, published.get().root()),
                                timestampFile,
                                snapshotFile,
                                targets));
    }

    private static Roots roots(Optional<Complete> published, Optional<byte[]> root, Rules rules)
            throws FlipsideException {
        if (published.isEmpty()) {
            return TrustedMetadata.anchoredIn(root.orElseThrow(), rules);
        }
        Roots roots = new Roots(rules, published.get().root());
        return root.isEmpty() ? roots : roots.next(root.get());
    }

    private static Complete complete(Roots roots, byte[] timestamp, byte[] snapshot, byte[] targets)
            throws FlipsideException {
        return roots.finish().timestamp(timestamp).snapshot(snapshot).targets(targets);
    }

    private static boolean isValid(Roots roots, byte[] timestamp, byte[] snapshot, byte[] targets) {
        try {
            complete(roots, timestamp, snapshot, targets);
            return true;
        } catch (FlipsideException e) {
            return false;
        }
    }

    /**
     * Writes it, so that whatever is cut off, hosts find the old state whole or the new one. What
     * has a name of its own comes first, the timestamp after it. A new root comes last: what came
     * before it is signed by the keys of both. Only where the old keys are lost does it come before
     * the timestamp, and between the two hosts must wait.
     */
    void write(DurableFolder folder) throws IOException {
        put(folder, RepositoryLayout.metadata(Role.TARGETS, complete.targets().version()), targets);
        put(
                folder,
                RepositoryLayout.metadata(Role.SNAPSHOT, complete.snapshot().version()),
                snapshot);
        if (!validBefore) {
            putRoot(folder);
        }
        put(folder, RepositoryLayout.metadata(Role.TIMESTAMP), timestamp);
        if (validBefore) {
            putRoot(folder);
        }
    }

    private void putRoot(DurableFolder folder) throws IOException {
        if (root.isPresent()) {
            String path = RepositoryLayout.metadata(Role.ROOT, complete.root().version());
            put(folder, path, root.get());
        }
    }

    private static void put(DurableFolder folder, String path, byte[] content) throws IOException {
        Optional<byte[]> there = folder.read(path, Role.TARGETS.maxBytes());
        if (there.filter(it -> Arrays.equals(it, content)).isEmpty()) {
            folder.replace(path, Content.of(content));
        }
    }
}
