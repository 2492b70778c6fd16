package dev.flipside.integration;

import java.nio.file.Path;

/**
 * systemd-sysupdate as on a host that trusts one keyring: it looks for that, and for its own
 * helpers, at fixed places, so it runs in the tree of tools with a mount namespace of its own;
 * needs root. The test's folder is {@code /home} there.
 */
record Sysupdate(Path folder, Path keyring, Path definitions) {
    private static final String SCRIPT =
            """
            set -eu
            tree=$1 root=$2 folder=$3 keyring=$4
            shift 4
            mkdir -p "$root"
            mount --bind "$tree" "$root"
            mount -t tmpfs none "$root/etc/systemd"
            cp "$keyring" "$root/etc/systemd/import-pubring.gpg"
            for empty in tmp var/tmp run; do mount -t tmpfs none "$root/$empty"; done
            for own in dev proc sys; do mount --rbind "/$own" "$root/$own"; done
            mount --bind "$folder" "$root/home"
            exec chroot "$root" /usr/lib/systemd/systemd-sysupdate "$@"
            """;

    /** Lists what is there, or what is new, or updates. */
    Tools.Result run(String verb) {
        return Tools.find("unshare")
                .run(
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        SCRIPT,
                        "sh",
                        Tools.treePath(),
                        folder.resolve("root"),
                        folder,
                        keyring,
                        "--definitions=" + inside(definitions),
                        verb);
    }

    String check(String verb) {
        Tools.Result result = run(verb);
        org.junit.jupiter.api.Assertions.assertEquals(0, result.exitCode(), result::output);
        return result.output();
    }

    /** Where a path below the test's folder is for systemd-sysupdate. */
    Path inside(Path path) {
        return Path.of("/home").resolve(folder.relativize(path));
    }
}
