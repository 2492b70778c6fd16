package dev.flipside.builder.repo;

import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.util.List;

/** What a release's files are called for systemd-sysupdate, which reads all it needs off names. */
final class SysupdateName {
    /** What it installs; the image first. */
    static final List<Artifact.Role> ROLES =
            List.of(
                    Artifact.Role.IMAGE,
                    Artifact.Role.TREE,
                    Artifact.Role.SIGNATURE,
                    Artifact.Role.UKI);

    private SysupdateName() {}

    /** The name of a file of this release. */
    static String of(ReleaseManifest manifest, Artifact.Role role) {
        SlotIdentity identity =
                SlotIdentity.of(
                        manifest.verity().rootHashBytes(), manifest.product(), manifest.version());
        String uuid =
                role == Artifact.Role.TREE
                        ? identity.hash().toString()
                        : identity.data().toString();
        return pattern(manifest, role).replace("@v", manifest.version()).replace("@u", uuid);
    }

    /**
     * What matches the names of all releases: {@code @v} is the version, {@code @u} a UUID.
     *
     * <p>systemd-sysupdate 257 takes a name that goes on after the end of a pattern for a match, so
     * no ending is the beginning of another one.
     */
    static String pattern(ReleaseManifest manifest, Artifact.Role role) {
        String usage = manifest.verity().usage().code();
        String ending =
                switch (role) {
                    case IMAGE -> "_@u." + usage + ".raw";
                    case TREE -> "_@u." + usage + "-verity.raw";
                    case SIGNATURE -> "." + usage + "-verity-sig.raw";
                    case UKI -> ".efi";
                    case PACK, INDEX, SPDX, CYCLONEDX, PROVENANCE ->
                            throw new IllegalArgumentException(role + " is not installed");
                };
        return manifest.product() + "_@v" + ending;
    }
}
