package dev.flipside.builder.repo;

import dev.flipside.boot.gpt.SlotTypes;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * One of the definitions that a host has in {@code /usr/lib/sysupdate.d} (sysupdate.d(5)): what to
 * fetch, and where it goes. They are done in the order of their names, so the UKI comes last.
 */
record TransferFile(String name, String text) {
    private static final String HEAD =
            """
            # For systemd-sysupdate; from 'flipside-image repo publish --sysupdate'.
            [Transfer]
            ProtectVersion=%%A
            Verify=yes

            [Source]
            Type=url-file
            Path=%s
            MatchPattern=%s
            """;

    static List<TransferFile> all(ReleaseManifest manifest, String url) {
        SlotTypes types = SlotTypes.of(manifest.architecture(), manifest.verity().usage());
        List<TransferFile> files = new ArrayList<>();
        files.add(partition("50", Artifact.Role.IMAGE, types.data(), manifest, url));
        files.add(partition("60", Artifact.Role.TREE, types.hash(), manifest, url));
        if (manifest.artifact(Artifact.Role.SIGNATURE).isPresent()) {
            files.add(partition("65", Artifact.Role.SIGNATURE, types.signature(), manifest, url));
        }
        files.add(uki(manifest, url));
        return files;
    }

    private static TransferFile partition(
            String order, Artifact.Role role, UUID type, ReleaseManifest manifest, String url) {
        String text =
                HEAD.formatted(url, SysupdateName.pattern(manifest, role))
                        + """

                        [Target]
                        Type=partition
                        Path=auto
                        MatchPattern=%s_@v
                        MatchPartitionType=%s
                        ReadOnly=1
                        """
                                .formatted(manifest.product(), type);
        return of(order, manifest, role, text);
    }

    private static TransferFile uki(ReleaseManifest manifest, String url) {
        String product = manifest.product();
        String text =
                HEAD.formatted(url, SysupdateName.pattern(manifest, Artifact.Role.UKI))
                        + """

                        [Target]
                        Type=regular-file
                        Path=/EFI/Linux
                        PathRelativeTo=boot
                        MatchPattern=%1$s_@v+@l-@d.efi %1$s_@v+@l.efi %1$s_@v.efi
                        Mode=0444
                        TriesLeft=3
                        TriesDone=0
                        InstancesMax=2
                        """
                                .formatted(product);
        return of("70", manifest, Artifact.Role.UKI, text);
    }

    private static TransferFile of(
            String order, ReleaseManifest manifest, Artifact.Role role, String text) {
        return new TransferFile(
                "%s-%s-%s.transfer".formatted(order, manifest.product(), role.code()), text);
    }
}
