package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.DurableFolder.Content;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Target;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the targets role is to say next, and the new files that it will vouch for. */
final class TargetChanges implements RepositoryWriter.NewFiles {
    private final RepositoryFiles files;
    private final SortedMap<String, Target> targets;
    private final SortedMap<String, byte[]> contents = new TreeMap<>();
    private RepositoryWriter.NewFiles blobs = folder -> {};

    TargetChanges(RepositoryFiles files, SortedMap<String, Target> targets) {
        this.files = files;
        this.targets = new TreeMap<>(targets);
    }

    /** All targets, as they are to be. */
    SortedMap<String, Target> targets() {
        return new TreeMap<>(targets);
    }

    /** What has to be there before anything that names it. */
    void needs(RepositoryWriter.NewFiles newBlobs) {
        blobs = newBlobs;
    }

    @Override
    public void writeTo(DurableFolder folder) throws IOException {
        blobs.writeTo(folder);
        for (Map.Entry<String, byte[]> file : contents.entrySet()) {
            folder.replace(file.getKey(), Content.of(file.getValue()));
        }
    }

    Optional<Target> target(String path) {
        return Optional.ofNullable(targets.get(path));
    }

    byte[] read(Target target) throws FlipsideException, IOException {
        byte[] changed = contents.get(RepositoryLayout.target(target, true));
        return changed != null ? changed.clone() : files.target(target);
    }

    void put(String path, byte[] content) {
        Target target = Target.of(path, content);
        targets.put(path, target);
        contents.put(RepositoryLayout.target(target, true), content.clone());
    }

    void remove(String path) {
        targets.remove(path);
    }
}
