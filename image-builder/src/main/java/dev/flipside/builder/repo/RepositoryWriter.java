package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder.Content;
import dev.flipside.platform.FolderLock;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.MetaFile;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SnapshotMetadata;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import dev.flipside.tuf.TimestampMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A repository that is being changed, by this process alone.
 *
 * <p>Invariant: nothing that a host can reach from {@code timestamp.json} is ever changed. New
 * files come first, under names of their own, and the timestamp that names them comes last; so a
 * reader, a crash, or an upload in this order sees the old state or the new one.
 */
final class RepositoryWriter implements Closeable {
    private final RepositoryFiles files;
    private final Closeable lock;
    private final Instant now;
    private final Lifetimes lifetimes;

    RepositoryWriter(RepositoryFiles files, Closeable lock, Instant now, Lifetimes lifetimes) {
        this.files = files;
        this.lock = lock;
        this.now = now;
        this.lifetimes = lifetimes;
    }

    static RepositoryWriter open(Path path, InstantSource clock, Lifetimes lifetimes)
            throws FlipsideException, IOException {
        return locked(RepositoryFiles.open(path), clock, lifetimes);
    }

    /** A repository that may not exist yet. */
    static RepositoryWriter create(Path path, InstantSource clock, Lifetimes lifetimes)
            throws FlipsideException, IOException {
        return locked(RepositoryFiles.create(path), clock, lifetimes);
    }

    private static RepositoryWriter locked(
            RepositoryFiles files, InstantSource clock, Lifetimes lifetimes)
            throws FlipsideException, IOException {
        Optional<FolderLock> lock = FolderLock.tryLock(files.path());
        if (lock.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.REPOSITORY_BUSY,
                    files.path().toString(),
                    "a repository that nobody else is changing",
                    "one that another process has locked",
                    "wait until the other one is done, and try again");
        }
        RepositoryWriter writer =
                new RepositoryWriter(files, lock.get(), clock.instant(), lifetimes);
        try {
            // What a writer that was cut off has left; while the lock is held there is no other.
            files.folder().sweepTemporaryFiles();
            return writer;
        } catch (IOException e) {
            writer.close();
            throw e;
        }
    }

    RepositoryFiles files() {
        return files;
    }

    /** The state to go on from, whether it has expired or not. */
    Complete current() throws FlipsideException, IOException {
        Complete current = files.metadata(RepositoryFiles.WHENEVER);
        if (current.targets().delegations().isPresent()) {
            throw new FlipsideException(
                    FailureCode.REPOSITORY_INVALID,
                    files.path() + ": targets.json",
                    "no delegations, which this version cannot write again",
                    "delegations",
                    "use the tool that made them");
        }
        return current;
    }

    /** Writes the first metadata of all roles. */
    void start(RootMetadata root, RepositoryKeys keys) throws FlipsideException, IOException {
        byte[] rootFile = keys.sign(root, root.keysOf(Role.ROOT));
        SignedFiles signed =
                sign(
                        root,
                        keys,
                        new TargetsMetadata(1, expiry(Role.TARGETS), new TreeMap<>()),
                        new TreeMap<>(),
                        1,
                        1);
        put(RepositoryLayout.metadata(Role.ROOT, 1), rootFile);
        write(signed);
    }

    Instant expiry(Role role) {
        return lifetimes.expiry(role, now);
    }

    /** Adds a target with its file, or replaces it, and publishes that. */
    void publish(Complete current, RepositoryKeys keys, String targetPath, byte[] content)
            throws FlipsideException, IOException {
        Target target = Target.of(targetPath, content);
        SortedMap<String, Target> targets = new TreeMap<>(current.targets().targets());
        targets.put(targetPath, target);
        // Signed before anything is written: a missing key leaves no trace.
        SignedFiles signed =
                sign(
                        current.root(),
                        keys,
                        new TargetsMetadata(
                                current.targets().version() + 1, expiry(Role.TARGETS), targets),
                        current.snapshot().meta(),
                        current.snapshot().version() + 1,
                        current.timestamp().version() + 1);
        put(RepositoryLayout.target(target, true), content);
        write(signed);
    }

    /** Three files that belong together. */
    private record SignedFiles(
            TargetsMetadata targets,
            Content targetsFile,
            SnapshotMetadata snapshot,
            Content snapshotFile,
            Content timestampFile) {}

    private SignedFiles sign(
            RootMetadata root,
            RepositoryKeys keys,
            TargetsMetadata targets,
            SortedMap<String, MetaFile> otherFiles,
            long snapshotVersion,
            long timestampVersion)
            throws FlipsideException {
        byte[] targetsFile = keys.sign(targets, root.keysOf(Role.TARGETS));
        SortedMap<String, MetaFile> meta = new TreeMap<>(otherFiles);
        meta.put(Role.TARGETS.fileName(), MetaFile.of(targets.version(), targetsFile));
        SnapshotMetadata snapshot =
                new SnapshotMetadata(snapshotVersion, expiry(Role.SNAPSHOT), meta);
        byte[] snapshotFile = keys.sign(snapshot, root.keysOf(Role.SNAPSHOT));
        TimestampMetadata timestamp =
                new TimestampMetadata(
                        timestampVersion,
                        expiry(Role.TIMESTAMP),
                        MetaFile.of(snapshotVersion, snapshotFile));
        return new SignedFiles(
                targets,
                Content.of(targetsFile),
                snapshot,
                Content.of(snapshotFile),
                Content.of(keys.sign(timestamp, root.keysOf(Role.TIMESTAMP))));
    }

    private void write(SignedFiles signed) throws IOException {
        var folder = files.folder();
        folder.replace(
                RepositoryLayout.metadata(Role.TARGETS, signed.targets().version()),
                signed.targetsFile());
        folder.replace(
                RepositoryLayout.metadata(Role.SNAPSHOT, signed.snapshot().version()),
                signed.snapshotFile());
        folder.replace(RepositoryLayout.metadata(Role.TIMESTAMP), signed.timestampFile());
    }

    private void put(String path, byte[] content) throws IOException {
        files.folder().replace(path, Content.of(content));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
