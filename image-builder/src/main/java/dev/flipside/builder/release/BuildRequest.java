package dev.flipside.builder.release;

import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.release.ReleaseManifest.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What to build a release from.
 *
 * @param rootfs a tar archive, a directory or a container image
 * @param image which of several container images
 * @param usage which part of the root file system becomes the image
 * @param out a folder that does not exist, or is empty
 * @param securityVersion at least 1
 * @param boot what is started instead of what the root file system has
 * @param signatures what is signed, and by whom
 * @param commandLine added to the kernel's command line
 * @param recipe what is changed in the root file system, and why
 * @param compression of the image with mkfs.erofs, as {@code zstd} or {@code lz4hc,9}
 * @param slotBytes what the image has to fit
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
        Signatures signatures,
        String commandLine,
        Recipe recipe,
        Optional<String> compression,
        OptionalLong slotBytes,
        Optional<String> salt,
        int packLevel,
        int threads) {

    /** The same for another part of the root file system. */
    BuildRequest ofUsage(Usage other) {
        return new BuildRequest(
                rootfs,
                image,
                product,
                version,
                other,
                out,
                securityVersion,
                boot,
                signatures,
                commandLine,
                recipe,
                compression,
                slotBytes,
                salt,
                packLevel,
                threads);
    }

    /** What the recipe and the options add to the kernel's command line. */
    String kernelOptions() {
        return (recipe.kernelOptions() + " " + commandLine).strip();
    }

    /**
     * Files outside of the root file system that replace those in it, or join them.
     *
     * @param initrds instead of the root file system's, in the order in which they are unpacked
     * @param microcode goes before all initrds
     * @param espSizeBytes of the hosts' ESP, which has to hold two UKIs
     */
    public record BootOverrides(
            Optional<Path> kernel,
            List<Path> initrds,
            List<Path> microcode,
            Optional<Path> stub,
            long espSizeBytes) {
        public static final long DEFAULT_ESP_SIZE_BYTES = 512L << 20;

        public BootOverrides {
            initrds = List.copyOf(initrds);
            microcode = List.copyOf(microcode);
        }

        public static BootOverrides none() {
            return new BootOverrides(
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    DEFAULT_ESP_SIZE_BYTES);
        }
    }

    /**
     * Who signs.
     *
     * @param secureBoot the UKI, for firmware
     * @param verity the root hash, for the kernel
     */
    public record Signatures(
            Optional<SigningIdentity> secureBoot, Optional<SigningIdentity> verity) {
        public static Signatures none() {
            return new Signatures(Optional.empty(), Optional.empty());
        }
    }
}
