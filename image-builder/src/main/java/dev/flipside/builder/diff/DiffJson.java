package dev.flipside.builder.diff;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;

/** A difference for programs, under the names of {@code docs/reference/inspect.md}. */
public final class DiffJson {
    private DiffJson() {}

    /** What it comes to. */
    public static ObjectNode summary(ReleaseDiff diff) {
        FetchCost cost = diff.cost();
        ObjectNode result =
                StrictJson.object()
                        .put("product", diff.to().product())
                        .put("architecture", diff.to().architecture().code());
        result.set("from", release(diff.from()));
        result.set("to", release(diff.to()));
        ObjectNode fetch =
                result.putObject("fetch")
                        .put("totalBytes", cost.totalBytes())
                        .put("fullBytes", cost.fullBytes())
                        .put("requests", cost.requests());
        CostShare.of(diff).forEach(it -> fetch.put(it.code(), it.bytes()));
        result.putObject("blocks")
                .put("total", cost.blocks())
                .put("zeros", cost.blocksZero())
                .put("reused", cost.blocksReused())
                .put("inPlace", cost.blocksInPlace())
                .put("fetched", cost.blocksFetched());
        ObjectNode files = result.putObject("files");
        for (FileChange.Kind kind : FileChange.Kind.values()) {
            if (kind != FileChange.Kind.SAME) {
                files.put(kind.code(), diff.count(kind));
            }
        }
        files.put("unlisted", diff.unlisted());
        if (diff.packagesKnown()) {
            ObjectNode packages = result.putObject("packages");
            for (PackageChange.Kind kind : PackageChange.Kind.values()) {
                if (kind != PackageChange.Kind.SAME) {
                    packages.put(
                            kind.code(),
                            diff.packages().stream().filter(it -> it.kind() == kind).count());
                }
            }
        }
        return result;
    }

    /** One package. */
    public static ObjectNode of(PackageChange change) {
        ObjectNode object =
                StrictJson.object()
                        .put("kind", change.kind().code())
                        .put("name", change.name())
                        .put("architecture", change.architecture());
        change.oldVersion().ifPresent(it -> object.put("oldVersion", it));
        change.newVersion().ifPresent(it -> object.put("newVersion", it));
        return object.put("fetchedBytes", change.fetchedBytes());
    }

    /** One file; bytes of its name that are not UTF-8 become U+FFFD. */
    public static ObjectNode of(FileChange change) {
        ObjectNode object =
                StrictJson.object()
                        .put("kind", change.kind().code())
                        .put("path", change.path().toString())
                        .put("type", type(change))
                        .put("oldSizeBytes", change.oldSizeBytes())
                        .put("newSizeBytes", change.newSizeBytes())
                        .put("fetchedBytes", change.fetchedBytes());
        var details = object.putArray("details");
        change.details().forEach(details::add);
        change.owner().ifPresent(it -> object.put("package", it));
        return object;
    }

    static String type(FileChange change) {
        return switch (change.type()) {
            case REGULAR_FILE -> "file";
            case DIRECTORY -> "directory";
            case SYMLINK -> "symlink";
            case CHARACTER_DEVICE -> "character-device";
            case BLOCK_DEVICE -> "block-device";
            case FIFO -> "fifo";
            case SOCKET -> "socket";
        };
    }

    private static ObjectNode release(ReleaseManifest manifest) {
        return StrictJson.object()
                .put("version", manifest.version())
                .put("rootHash", manifest.verity().rootHash());
    }
}
