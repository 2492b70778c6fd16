package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.release.BuildRequest;
import dev.flipside.builder.release.ReleaseBuild;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image build}: from a root file system to a release. */
final class BuildCommand {
    private final BuildClock clock;

    private BuildCommand(BuildClock clock) {
        this.clock = clock;
    }

    static Command command(BuildClock clock) {
        return Command.of(
                "build",
                "Builds a release from a root file system: image, hash tree, UKI and block pack.",
                options(),
                new BuildCommand(clock)::run);
    }

    private static List<OptionSpec> options() {
        return Stream.of(what(), changes(), BootOptions.specs(), form())
                .flatMap(List::stream)
                .toList();
    }

    /** What is built, and where. */
    private static List<OptionSpec> what() {
        return List.of(
                Command.option(
                        "--rootfs",
                        "PATH",
                        Path.class,
                        false,
                        "A tar archive, a directory, an OCI layout or a docker archive."),
                Command.option(
                        "--image",
                        "REF",
                        String.class,
                        false,
                        "Which of several container images."),
                Command.option(
                        "--platform",
                        "ARCH",
                        String.class,
                        false,
                        "Of which architecture the container image is."),
                Command.option(
                        "--recipe",
                        "FILE",
                        Path.class,
                        false,
                        "image.toml: what to build, what to change in it, and why."),
                Command.option("--product", "NAME", String.class, false, "Name of the product."),
                Command.option("--version", "V", String.class, true, "Version of the release."),
                Command.option(
                        "--security-version",
                        "N",
                        Integer.class,
                        false,
                        "Compared with the security floor of hosts; 1."),
                Command.option(
                        "--verity", "root|usr", String.class, false, "What the image is; root."),
                Command.option(
                        "--out",
                        "DIR",
                        Path.class,
                        true,
                        "Where to build; new, or an empty folder."));
    }

    /** What the image has otherwise than the root file system. */
    private static List<OptionSpec> changes() {
        return List.of(
                Command.repeatable(
                        "--exclude", "GLOB", "Left out of the root file system; repeatable."),
                Command.repeatable("--overlay", "PATH", "Files laid over the root; repeatable."),
                Command.option(
                        "--selinux-contexts",
                        "FILE",
                        Path.class,
                        false,
                        "file_contexts that every file is labelled by."),
                Command.option(
                        "--decompress-modules",
                        "",
                        boolean.class,
                        false,
                        "Unpack kernel modules."));
    }

    /** How it is written. */
    private static List<OptionSpec> form() {
        return List.of(
                Command.option(
                        "--cmdline",
                        "TEXT",
                        String.class,
                        false,
                        "Added to the kernel's command line."),
                Command.option(
                        "--compress",
                        "ALGORITHM",
                        String.class,
                        false,
                        "Compress the image with mkfs.erofs: lz4hc, zstd, or one with ',LEVEL'."),
                Command.option(
                        "--slot-size",
                        "SIZE",
                        String.class,
                        false,
                        "Refuse an image that such a slot cannot hold."),
                Command.option(
                        "--salt",
                        "HEX",
                        String.class,
                        false,
                        "Salt of the hash tree; by default from the product."),
                Command.option(
                        "--pack-level", "N", Integer.class, false, "Level of zstd, 1 to 22; 19."));
    }

    private void run(ParseResult options, Console console) throws FlipsideException, IOException {
        BuildRequest request = BuildOptions.request(options, clock);
        ReleaseManifest manifest = ReleaseBuild.run(request, new ConsoleProgress(console));
        ObjectNode result =
                StrictJson.object()
                        .put("product", manifest.product())
                        .put("version", manifest.version())
                        .put("architecture", manifest.architecture().code())
                        .put("out", request.out().toString())
                        .put("rootHash", manifest.verity().rootHash())
                        .put("imageBytes", sizeBytes(manifest, Artifact.Role.IMAGE))
                        .put("packBytes", sizeBytes(manifest, Artifact.Role.PACK))
                        .put("ukiBytes", sizeBytes(manifest, Artifact.Role.UKI));
        console.result(
                result,
                String.format(
                        Locale.ROOT,
                        "%s %s for %s in %s: image %s, pack %s, UKI %s%nroot hash %s",
                        manifest.product(),
                        manifest.version(),
                        manifest.architecture().code(),
                        request.out(),
                        mebibytes(sizeBytes(manifest, Artifact.Role.IMAGE)),
                        mebibytes(sizeBytes(manifest, Artifact.Role.PACK)),
                        mebibytes(sizeBytes(manifest, Artifact.Role.UKI)),
                        manifest.verity().rootHash()));
    }

    private static long sizeBytes(ReleaseManifest manifest, Artifact.Role role) {
        return manifest.artifact(role).map(Artifact::sizeBytes).orElse(0L);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
    }
}
