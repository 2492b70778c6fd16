package dev.flipside.repository;

import dev.flipside.release.Architecture;
import dev.flipside.tuf.DelegatedRole;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Where everything stands in a repository: paths relative to its top, separated by {@code /}. They
 * are the same for a writer and for a reader, on a disk and in a URL.
 */
public final class RepositoryLayout {
    private static final String METADATA = "metadata/";
    private static final String TARGETS = "targets/";
    private static final String RELEASES = "releases/";
    private static final String CHANNELS = "channels/";
    private static final String MANIFEST = "release.json";

    private RepositoryLayout() {}

    /** A metadata file under the name that never changes what it holds: {@code 4.snapshot.json}. */
    public static String metadata(Role role, long version) {
        return METADATA + version + "." + role.fileName();
    }

    /** A metadata file under its plain name; the timestamp has no other. */
    public static String metadata(Role role) {
        return METADATA + role.fileName();
    }

    /** The file of a role to which the targets role delegates. */
    public static String delegated(DelegatedRole role, long version, boolean consistentSnapshot) {
        String prefix = consistentSnapshot ? version + "." : "";
        return METADATA + prefix + PathEncoding.encode(role.name()) + ".json";
    }

    /** The target path of a release's manifest. */
    public static String release(String product, Architecture architecture, String version) {
        return RELEASES + product + "/" + architecture.code() + "/" + version + "/" + MANIFEST;
    }

    /** Whether a target path is that of a release of this product and architecture. */
    public static boolean isRelease(String path, String product, Architecture architecture) {
        return path.startsWith(RELEASES + product + "/" + architecture.code() + "/");
    }

    /** Whether a target path is that of a channel. */
    public static boolean isChannel(String path) {
        return path.startsWith(CHANNELS);
    }

    /** The target path of a channel. */
    public static String channel(String product, Architecture architecture, String name) {
        return CHANNELS + product + "/" + architecture.code() + "/" + name + ".json";
    }

    /**
     * Where a target is fetched from. With consistent snapshots, its digest stands in front of the
     * last part of its path (TUF 1.0, section 6.2), so that a file never changes under a reader.
     */
    public static String target(Target target, boolean consistentSnapshot) {
        String path =
                Arrays.stream(target.path().split("/", -1))
                        .map(PathEncoding::encode)
                        .collect(Collectors.joining("/"));
        int name = path.lastIndexOf('/') + 1;
        String prefix = consistentSnapshot ? target.digests().prefix() + "." : "";
        return TARGETS + path.substring(0, name) + prefix + path.substring(name);
    }

    /**
     * An artifact of a release, under its content's name.
     *
     * @param sha256 64 lowercase hex digits
     */
    public static String blob(String sha256) {
        return "blobs/sha256/" + sha256.substring(0, 2) + "/" + sha256;
    }
}
