package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.SnapshotMetadata;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which files of a repository somebody can still be led to, and which nobody can. */
final class ReachableFiles {
    /** What holds files that are ever removed. */
    private static final List<String> FOLDERS = List.of("metadata", "targets", "blobs");

    private static final int MAX_DEPTH = 8;

    private final RepositoryFiles files;
    private final SortedSet<String> reached = new TreeSet<>();

    ReachableFiles(RepositoryFiles files) {
        this.files = files;
    }

    /** Every file of these folders. */
    SortedSet<String> all() throws IOException {
        SortedSet<String> all = new TreeSet<>();
        for (String folder : FOLDERS) {
            list(folder, 0, all);
        }
        return all;
    }

    private void list(String folder, int depth, SortedSet<String> all) throws IOException {
        DurableFolder root = files.folder();
        for (String name : root.list(folder)) {
            String path = folder + "/" + name;
            if (root.sizeBytes(path).isPresent()) {
                all.add(path);
            } else if (depth < MAX_DEPTH) {
                list(path, depth + 1, all);
            }
        }
    }

    /** Those that nothing which was {@link #add added} leads to. */
    SortedSet<String> unreached() throws IOException {
        SortedSet<String> unreached = all();
        unreached.removeIf(path -> path.matches("metadata/[0-9]+\\.root\\.json"));
        unreached.removeAll(reached);
        return unreached;
    }

    /** A state that hosts may have been told of. */
    void add(SnapshotMetadata snapshot) throws FlipsideException, IOException {
        long targets = snapshot.targets().version();
        reached.add(RepositoryLayout.metadata(Role.TIMESTAMP));
        reached.add(RepositoryLayout.metadata(Role.SNAPSHOT, snapshot.version()));
        reached.add(RepositoryLayout.metadata(Role.TARGETS, targets));
        add(SignedMetadata.targets(files.metadataFile(Role.TARGETS, targets)).metadata());
    }

    /** Targets that are, or are to be. */
    void add(TargetsMetadata targets) throws FlipsideException, IOException {
        for (Target target : targets.targets().values()) {
            reached.add(RepositoryLayout.target(target, true));
        }
        for (ReleaseTarget release : ReleaseTarget.of(targets.targets().values())) {
            for (Artifact artifact : artifacts(release.target())) {
                reached.add(RepositoryLayout.blob(artifact.sha256()));
            }
        }
    }

    private List<Artifact> artifacts(Target manifest) throws FlipsideException, IOException {
        return new ArrayList<>(ReleaseManifestJson.parse(files.target(manifest)).artifacts());
    }
}
