package dev.flipside.builder.release;

import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.release.ReleaseManifest.Usage;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to build a release from.
 *
 * @param rootfs a tar archive, a directory or a container image
 * @param image which of several container images
 * @param usage which part of the root file system becomes the image
 * @param out a folder that does not exist, or is empty
 * @param securityVersion at least 1
 * @param boot what is started instead of what the root file system has
 * @param commandLine added to the kernel's command line
 * @param salt of the hash tree in lowercase hex, or what the product's name gives
 * @param packLevel of zstd, 1 to 22
 * @param threads for hashing and compression
 */
public record BuildRequest(
        Path rootfs,
        ImageChoice image,
        String product,
        String version,
        Usage usage,
        Path out,
        int securityVersion,
        BootOverrides boot,
        String commandLine,
        Optional<String> salt,
        int packLevel,
        int threads) {

    /** Files outside of the root file system that replace those in it. */
    public record BootOverrides(Optional<Path> kernel, Optional<Path> initrd, Optional<Path> stub) {
        public static BootOverrides none() {
            return new BootOverrides(Optional.empty(), Optional.empty(), Optional.empty());
        }
    }
}
