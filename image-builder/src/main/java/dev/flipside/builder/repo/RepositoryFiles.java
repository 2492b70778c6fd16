package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFolder;
import dev.flipside.platform.DurableFolder;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TrustedMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import dev.flipside.tuf.TrustedMetadata.Roots;
import dev.flipside.tuf.TrustedMetadata.Snapshotted;
import dev.flipside.tuf.TrustedMetadata.Stamped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** The files of a repository on disk, read with all the checks that a host does. */
final class RepositoryFiles {
    /** The largest target that is read as a whole. */
    private static final int MAX_TARGET_BYTES = 1 << 20;

    /** Before which nothing expires: who renews metadata may find it expired. */
    static final Instant WHENEVER = Instant.MIN;

    private final Path path;
    private final DurableFolder folder;

    RepositoryFiles(Path path, DurableFolder folder) {
        this.path = path;
        this.folder = folder;
    }

    static RepositoryFiles open(Path path) throws FlipsideException, IOException {
        if (!Files.isRegularFile(path.resolve(RepositoryLayout.metadata(Role.ROOT, 1)))) {
            throw new FlipsideException(
                    FailureCode.REPOSITORY_INVALID,
                    path.toString(),
                    "a repository, with " + RepositoryLayout.metadata(Role.ROOT, 1),
                    Files.exists(path) ? "none there" : "nothing there",
                    "check the path, or make a repository with 'repo init'");
        }
        return new RepositoryFiles(path, DiskFolder.open(path));
    }

    static RepositoryFiles create(Path path) throws IOException {
        return new RepositoryFiles(path, DiskFolder.create(path));
    }

    Path path() {
        return path;
    }

    DurableFolder folder() {
        return folder;
    }

    /** The metadata, from the first root on; fresh at the time given. */
    Complete metadata(Instant startTime) throws FlipsideException, IOException {
        Roots roots =
                TrustedMetadata.anchoredIn(
                        require(RepositoryLayout.metadata(Role.ROOT, 1), Role.ROOT.maxBytes()),
                        startTime);
        while (true) {
            long version = roots.root().version() + 1;
            Optional<byte[]> next =
                    folder.read(
                            RepositoryLayout.metadata(Role.ROOT, version), Role.ROOT.maxBytes());
            if (next.isEmpty()) {
                break;
            }
            roots = roots.next(next.get());
        }
        requireConsistentSnapshots(roots);
        Stamped stamped =
                roots.finish()
                        .timestamp(
                                require(
                                        RepositoryLayout.metadata(Role.TIMESTAMP),
                                        Role.TIMESTAMP.maxBytes()));
        long snapshot = stamped.timestamp().snapshot().version();
        Snapshotted snapshotted =
                stamped.snapshot(
                        require(
                                RepositoryLayout.metadata(Role.SNAPSHOT, snapshot),
                                Role.SNAPSHOT.maxBytes()));
        long targets = snapshotted.snapshot().targets().version();
        return snapshotted.targets(
                require(RepositoryLayout.metadata(Role.TARGETS, targets), Role.TARGETS.maxBytes()));
    }

    /** A target of consistent snapshots, checked by length and digest. */
    byte[] target(Target target) throws FlipsideException, IOException {
        String file = RepositoryLayout.target(target, true);
        if (target.lengthBytes() > MAX_TARGET_BYTES) {
            throw invalid(file, "at most " + MAX_TARGET_BYTES + " bytes", "more");
        }
        byte[] content = require(file, MAX_TARGET_BYTES);
        target.check(content);
        return content;
    }

    private byte[] require(String file, int maxBytes) throws FlipsideException, IOException {
        Optional<byte[]> content = folder.read(file, maxBytes);
        if (content.isEmpty()) {
            throw invalid(file, "a file", "nothing there");
        }
        return content.get();
    }

    private void requireConsistentSnapshots(Roots roots) throws FlipsideException {
        if (!roots.root().consistentSnapshot()) {
            throw invalid("root.json", "consistent_snapshot true", "false");
        }
    }

    FlipsideException invalid(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.REPOSITORY_INVALID,
                path + ": " + what,
                expected,
                found,
                "copy the file from a mirror that is whole");
    }
}
