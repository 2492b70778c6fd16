package dev.flipside.builder.diff;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.release.OpenFiles;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is different between two releases, and what an update from one to the other costs a host.
 *
 * @param files the first {@value #MAX_FILES} in path order, sorted by what they cost
 * @param counts how many there are of each kind, listed or not
 * @param fileBytes what the blocks of all files cost
 * @param packages sorted by what they cost; empty when a release has no SBOM
 * @param packagesKnown whether both releases have an SBOM
 */
public record ReleaseDiff(
        ReleaseManifest from,
        ReleaseManifest to,
        FetchCost cost,
        List<FileChange> files,
        Map<FileChange.Kind, Long> counts,
        long fileBytes,
        List<PackageChange> packages,
        boolean packagesKnown) {
    /** How many files are listed; what more there are is counted. */
    public static final int MAX_FILES = 100_000;

    private static final Comparator<FileChange> DEAREST_FILE =
            Comparator.comparingLong(FileChange::fetchedBytes)
                    .reversed()
                    .thenComparing(FileChange::path);

    private static final Comparator<PackageChange> DEAREST_PACKAGE =
            Comparator.comparingLong(PackageChange::fetchedBytes)
                    .reversed()
                    .thenComparing(PackageChange::name)
                    .thenComparing(PackageChange::architecture);

    public ReleaseDiff {
        files = List.copyOf(files);
        packages = List.copyOf(packages);
    }

    /**
     * Compares two releases.
     *
     * @throws FlipsideException {@code argument-invalid} when no host can go from one to the other;
     *     what is malformed is refused with its code
     */
    public static ReleaseDiff of(ReleaseFolder from, ReleaseFolder to)
            throws IOException, FlipsideException {
        requireComparable(from.manifest(), to.manifest());
        Forecast.Foretold foretold = Forecast.of(from, to);
        try (OpenFiles open = new OpenFiles()) {
            ErofsReader before = image(open, from);
            ErofsReader after = image(open, to);
            Collected collected = new Collected();
            ImageComparison.run(before, after, foretold.costs(), collected::add);
            List<FileChange> files =
                    owned(collected.files, before, after, to.manifest().verity().usage());
            files.sort(DEAREST_FILE);
            var oldPackages = SbomPackages.read(from);
            var newPackages = SbomPackages.read(to);
            boolean known = oldPackages.isPresent() && newPackages.isPresent();
            return new ReleaseDiff(
                    from.manifest(),
                    to.manifest(),
                    foretold.cost(),
                    files,
                    Map.copyOf(collected.counts),
                    collected.bytes,
                    known ? packages(oldPackages.get(), newPackages.get(), files) : List.of(),
                    known);
        }
    }

    /** What the blocks cost that belong to no file: inodes, directories, the superblock. */
    public long metadataBytes() {
        return cost.neededBytes() - fileBytes;
    }

    /** How many names there are of a kind. */
    public long count(FileChange.Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    /** How many files were counted and are not listed. */
    public long unlisted() {
        return counts.values().stream().mapToLong(Long::longValue).sum() - files.size();
    }

    private static final class Collected {
        private final List<FileChange> files = new ArrayList<>();
        private final Map<FileChange.Kind, Long> counts = new EnumMap<>(FileChange.Kind.class);
        private long bytes;

        void add(FileChange change) {
            counts.merge(change.kind(), 1L, Long::sum);
            bytes += change.fetchedBytes();
            if (files.size() < MAX_FILES) {
                files.add(change);
            }
        }
    }

    private static void requireComparable(ReleaseManifest from, ReleaseManifest to)
            throws FlipsideException {
        String before = name(from);
        String after = name(to);
        if (!before.equals(after)) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "new release",
                    "one of " + before + ", which a host can go to",
                    after,
                    "give two releases of one product, architecture and kind of image");
        }
    }

    private static String name(ReleaseManifest manifest) {
        return "%s for %s with verity on %s"
                .formatted(
                        manifest.product(),
                        manifest.architecture().code(),
                        manifest.verity().usage().code());
    }

    private static ErofsReader image(OpenFiles open, ReleaseFolder release)
            throws IOException, FlipsideException {
        Artifact image = release.artifact(Artifact.Role.IMAGE);
        release.open(image).close();
        return ErofsReader.open(open.open(release.folder().resolve(image.name())));
    }

    private static List<FileChange> owned(
            List<FileChange> files,
            ErofsReader before,
            ErofsReader after,
            ReleaseManifest.Usage usage)
            throws IOException, FlipsideException {
        Set<ByteString> paths = files.stream().map(FileChange::path).collect(Collectors.toSet());
        Map<ByteString, String> now = PackageOwners.find(after, usage, paths);
        Map<ByteString, String> old = PackageOwners.find(before, usage, paths);
        List<FileChange> owned = new ArrayList<>();
        for (FileChange file : files) {
            String owner = now.get(file.path());
            owned.add(
                    file.ownedBy(
                            Optional.ofNullable(owner == null ? old.get(file.path()) : owner)));
        }
        return owned;
    }

    private static List<PackageChange> packages(
            SortedMap<SbomPackages.Name, SortedSet<String>> before,
            SortedMap<SbomPackages.Name, SortedSet<String>> after,
            List<FileChange> files) {
        Map<String, Long> bytes = new HashMap<>();
        for (FileChange file : files) {
            file.owner().ifPresent(it -> bytes.merge(it, file.fetchedBytes(), Long::sum));
        }
        TreeMap<SbomPackages.Name, SortedSet<String>> all = new TreeMap<>(before);
        all.putAll(after);
        List<PackageChange> changes = new ArrayList<>();
        for (SbomPackages.Name name : all.keySet()) {
            SortedSet<String> old = before.getOrDefault(name, new TreeSet<>());
            SortedSet<String> now = after.getOrDefault(name, new TreeSet<>());
            // Files know the name alone, so those of the first architecture get them.
            Long fetched = bytes.remove(name.name());
            if (!old.equals(now) || fetched != null) {
                changes.add(change(name, old, now, fetched == null ? 0 : fetched));
            }
        }
        changes.sort(DEAREST_PACKAGE);
        return changes;
    }

    private static PackageChange change(
            SbomPackages.Name name, SortedSet<String> old, SortedSet<String> now, long bytes) {
        return new PackageChange(
                kind(old, now), name.name(), name.architecture(), joined(old), joined(now), bytes);
    }

    private static PackageChange.Kind kind(SortedSet<String> old, SortedSet<String> now) {
        if (old.equals(now)) {
            return PackageChange.Kind.SAME;
        }
        if (old.isEmpty()) {
            return PackageChange.Kind.ADDED;
        }
        if (now.isEmpty()) {
            return PackageChange.Kind.REMOVED;
        }
        return PackageVersionOrder.newest(old, now) > 0
                ? PackageChange.Kind.DOWNGRADED
                : PackageChange.Kind.UPGRADED;
    }

    private static Optional<String> joined(SortedSet<String> versions) {
        return versions.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", versions));
    }
}
