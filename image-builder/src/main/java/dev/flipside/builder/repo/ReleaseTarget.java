package dev.flipside.builder.repo;

import dev.flipside.release.Architecture;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import java.util.ArrayList;
import java.util.List;

/** A published release, as its target path says. */
record ReleaseTarget(String product, Architecture architecture, String version, Target target) {
    private static final int PATH_PARTS = 5;

    /** All releases of a repository, in the order of their paths. */
    static List<ReleaseTarget> of(TargetsMetadata targets) {
        List<ReleaseTarget> releases = new ArrayList<>();
        for (Target target : targets.targets().values()) {
            String[] parts = target.path().split("/", -1);
            for (Architecture architecture : Architecture.values()) {
                if (parts.length == PATH_PARTS
                        && target.path()
                                .equals(
                                        RepositoryLayout.release(
                                                parts[1], architecture, parts[3]))) {
                    releases.add(new ReleaseTarget(parts[1], architecture, parts[3], target));
                }
            }
        }
        return releases;
    }
}
