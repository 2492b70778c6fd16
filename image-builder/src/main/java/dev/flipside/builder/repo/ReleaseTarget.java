package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** A published release, as its target path says. */
record ReleaseTarget(String product, Architecture architecture, String version, Target target) {
    private static final int PATH_PARTS = 5;

    /** All releases of a repository, in the order of their paths. */
    static List<ReleaseTarget> of(Collection<Target> targets) {
        List<ReleaseTarget> releases = new ArrayList<>();
        for (Target target : targets) {
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

    /**
     * The one release that is meant.
     *
     * @throws FlipsideException {@code input-missing} when there is none, {@code argument-invalid}
     *     when there are several
     */
    static ReleaseTarget find(TargetChanges targets, Choice choice, String version, Path repository)
            throws FlipsideException {
        List<ReleaseTarget> releases = of(targets.targets().values());
        List<ReleaseTarget> found =
                releases.stream()
                        .filter(release -> release.version().equals(version))
                        .filter(release -> choice.is(release.product(), release.architecture()))
                        .toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (found.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    repository + ": release " + version,
                    "a published release",
                    releases.isEmpty() ? "none at all" : "only " + describe(releases),
                    "publish it first, or give another version");
        }
        throw new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                repository + ": release " + version,
                "one release of this version",
                describe(found),
                "say which one with --product and --arch");
    }

    private static String describe(List<ReleaseTarget> releases) {
        return releases.stream().map(ReleaseTarget::words).collect(Collectors.joining(", "));
    }

    /** For people. */
    String words() {
        return product + " " + version + " for " + architecture.code();
    }
}
