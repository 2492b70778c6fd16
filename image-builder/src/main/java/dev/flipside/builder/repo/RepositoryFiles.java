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
import dev.flipside.tuf.TrustedMetadata.Rules;
import dev.flipside.tuf.TrustedMetadata.Snapshotted;
import dev.flipside.tuf.TrustedMetadata.Stamped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of a repository on disk, read with all the checks that a host does. */
final class RepositoryFiles {
    /** The largest target that is read as a whole. */
    private static final int MAX_TARGET_BYTES = 1 << 20;

    /** Before which nothing expires: who renews metadata may find it expired. */
    static final Instant WHENEVER = Instant.MIN;

    private final Path path;
    private final DurableFolder folder;
    private final RepositorySettings settings;

    RepositoryFiles(Path path, DurableFolder folder, RepositorySettings settings) {
        this.path = path;
        this.folder = folder;
        this.settings = settings;
    }

    /** One that hosts can read. */
    static RepositoryFiles open(Path path) throws FlipsideException, IOException {
        RepositoryFiles files = openAny(path);
        if (!files.isPublished()) {
            throw notThere(path, "only a proposal of one", "import its signatures first");
        }
        return files;
    }

    /** One that hosts can read, or that has only been proposed yet. */
    static RepositoryFiles openAny(Path path) throws FlipsideException, IOException {
        boolean proposed = Files.isDirectory(path.resolve(Proposal.FOLDER));
        if (!proposed
                && !Files.isRegularFile(path.resolve(RepositoryLayout.metadata(Role.ROOT, 1)))) {
            throw notThere(
                    path,
                    Files.exists(path) ? "none there" : "nothing there",
                    "check the path, or make a repository with 'repo init'");
        }
        DurableFolder folder = DiskFolder.open(path);
        return new RepositoryFiles(path, folder, RepositorySettings.read(folder));
    }

    private static FlipsideException notThere(Path path, String found, String action) {
        return new FlipsideException(
                FailureCode.REPOSITORY_INVALID,
                path.toString(),
                "a repository, with " + RepositoryLayout.metadata(Role.ROOT, 1),
                found,
                action);
    }

    static RepositoryFiles create(Path path, RepositorySettings settings) throws IOException {
        return new RepositoryFiles(path, DiskFolder.create(path), settings);
    }

    Path path() {
        return path;
    }

    DurableFolder folder() {
        return folder;
    }

    RepositorySettings settings() {
        return settings;
    }

    /** How a host with the settings of this repository checks it. */
    Rules rules(Instant startTime) {
        return new Rules(startTime, settings.algorithms());
    }

    /** Whether there is something for hosts: the timestamp is written last. */
    boolean isPublished() throws IOException {
        return folder.sizeBytes(RepositoryLayout.metadata(Role.TIMESTAMP)).isPresent();
    }

    Optional<byte[]> timestamp() throws IOException {
        return folder.read(RepositoryLayout.metadata(Role.TIMESTAMP), Role.TIMESTAMP.maxBytes());
    }

    /** The metadata, from the first root on; fresh at the time given. */
    Complete metadata(Instant startTime) throws FlipsideException, IOException {
        return complete(roots(startTime).getLast());
    }

    /**
     * The metadata, also where a rotation was cut off between the new root and the timestamp, so
     * that what is there is signed by the keys of the root before.
     */
    Complete metadataOfCutRotation() throws FlipsideException, IOException {
        List<Roots> roots = roots(WHENEVER);
        try {
            return complete(roots.getLast());
        } catch (FlipsideException e) {
            if (!Draft.isTooFew(e) || roots.size() == 1) {
                throw e;
            }
            Complete before = complete(roots.get(roots.size() - 2));
            return new Complete(
                    before.rules(),
                    roots.getLast().root(),
                    before.timestamp(),
                    before.snapshot(),
                    before.targets());
        }
    }

    /** Every root, the first one first. */
    List<Roots> roots(Instant startTime) throws FlipsideException, IOException {
        List<Roots> roots = new ArrayList<>();
        roots.add(
                TrustedMetadata.anchoredIn(
                        require(RepositoryLayout.metadata(Role.ROOT, 1), Role.ROOT.maxBytes()),
                        rules(startTime)));
        while (true) {
            long version = roots.getLast().root().version() + 1;
            Optional<byte[]> next =
                    folder.read(
                            RepositoryLayout.metadata(Role.ROOT, version), Role.ROOT.maxBytes());
            if (next.isEmpty()) {
                requireConsistentSnapshots(roots.getLast());
                return roots;
            }
            roots.add(roots.getLast().next(next.get()));
        }
    }

    private Complete complete(Roots roots) throws FlipsideException, IOException {
        Stamped stamped =
                roots.finish()
                        .timestamp(
                                require(
                                        RepositoryLayout.metadata(Role.TIMESTAMP),
                                        Role.TIMESTAMP.maxBytes()));
        Snapshotted snapshotted =
                stamped.snapshot(
                        metadataFile(Role.SNAPSHOT, stamped.timestamp().snapshot().version()));
        return snapshotted.targets(
                metadataFile(Role.TARGETS, snapshotted.snapshot().targets().version()));
    }

    byte[] metadataFile(Role role, long version) throws FlipsideException, IOException {
        return require(RepositoryLayout.metadata(role, version), role.maxBytes());
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
