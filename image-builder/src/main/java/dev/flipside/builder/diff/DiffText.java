package dev.flipside.builder.diff;

import dev.flipside.builder.inspect.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * A difference for people, as tables.
 *
 * @param maxWidth of a line; {@link TextTable#ANY_WIDTH} cuts nothing
 * @param maxRows of a table
 */
public record DiffText(int maxWidth, int maxRows) {

    /** All of it. */
    public String of(ReleaseDiff diff) {
        FetchCost cost = diff.cost();
        TextTable shares = TextTable.of("fetched", ">bytes", "");
        for (CostShare share : CostShare.of(diff)) {
            shares.row(share.label(), Long.toString(share.bytes()), TextTable.bytes(share.bytes()));
        }
        shares.row("in all", Long.toString(cost.totalBytes()), TextTable.bytes(cost.totalBytes()));
        return "%s %s to %s: a host fetches %s in %d requests, %s of a full image (%s)\n\n"
                        .formatted(
                                diff.to().product(),
                                diff.from().version(),
                                diff.to().version(),
                                TextTable.bytes(cost.totalBytes()),
                                cost.requests(),
                                percent(cost.totalBytes(), cost.fullBytes()),
                                TextTable.bytes(cost.fullBytes()))
                + shares.render(maxWidth)
                + "\n%d blocks: %d copied from the booted slot (%d in place), %d fetched, %d zeros\n"
                        .formatted(
                                cost.blocks(),
                                cost.blocksReused(),
                                cost.blocksInPlace(),
                                cost.blocksFetched(),
                                cost.blocksZero())
                + packages(diff)
                + files(diff);
    }

    private String packages(ReleaseDiff diff) {
        if (!diff.packagesKnown()) {
            return "\npackages: not known, as a release has no SBOM\n";
        }
        if (diff.packages().isEmpty()) {
            return "\npackages: the same\n";
        }
        TextTable table = TextTable.of("package", "", "old", "new", ">fetched");
        for (PackageChange it : first(diff.packages())) {
            table.row(
                    it.name(),
                    it.kind().code(),
                    it.oldVersion().orElse("-"),
                    it.newVersion().orElse("-"),
                    TextTable.bytes(it.fetchedBytes()));
        }
        return "\n" + table.render(maxWidth) + more(diff.packages().size());
    }

    private String files(ReleaseDiff diff) {
        String counts =
                "\nfiles: %d added, %d removed, %d changed, %d with other metadata alone\n"
                        .formatted(
                                diff.count(FileChange.Kind.ADDED),
                                diff.count(FileChange.Kind.REMOVED),
                                diff.count(FileChange.Kind.CHANGED),
                                diff.count(FileChange.Kind.METADATA));
        if (diff.files().isEmpty()) {
            return counts;
        }
        TextTable table = TextTable.of("file", "", ">size", ">fetched", "package");
        for (FileChange it : first(diff.files())) {
            table.row(
                    it.path().toString(),
                    what(it),
                    TextTable.bytes(it.newSizeBytes()),
                    TextTable.bytes(it.fetchedBytes()),
                    it.owner().orElse("-"));
        }
        return counts + "\n" + table.render(maxWidth) + more(diff.files().size() + diff.unlisted());
    }

    static String what(FileChange change) {
        return change.kind() == FileChange.Kind.METADATA
                ? String.join(", ", change.details())
                : change.kind().code();
    }

    private <T> List<T> first(List<T> all) {
        return all.subList(0, Math.min(maxRows, all.size()));
    }

    private String more(long count) {
        return count <= maxRows
                ? ""
                : "and %d more, which --json and --html list\n".formatted(count - maxRows);
    }

    static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%.1f %%", whole == 0 ? 0 : 100.0 * part / whole);
    }
}
