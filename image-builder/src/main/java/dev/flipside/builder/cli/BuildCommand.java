package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.release.BuildRequest;
import dev.flipside.builder.release.ReleaseBuild;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image build}: from a root file system to a release. */
final class BuildCommand {
    private static final int DEFAULT_PACK_LEVEL = 19;
    private static final int MAX_PACK_LEVEL = 22;
    private static final String SALT = "(?:[0-9a-f]{2}){0,256}";

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
        List<OptionSpec> options = new ArrayList<>(whatToBuild());
        options.addAll(BootOptions.specs());
        return options;
    }

    private static List<OptionSpec> whatToBuild() {
        return List.of(
                Command.option(
                        "--rootfs",
                        "PATH",
                        Path.class,
                        true,
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
                Command.option("--product", "NAME", String.class, true, "Name of the product."),
                Command.option("--version", "V", String.class, true, "Version of the release."),
                Command.option(
                        "--out",
                        "DIR",
                        Path.class,
                        true,
                        "Where to build; new, or an empty folder."),
                Command.option(
                        "--verity", "root|usr", String.class, false, "What the image is; root."),
                Command.option(
                        "--security-version",
                        "N",
                        Integer.class,
                        false,
                        "Compared with the security floor of hosts; 1."),
                Command.option(
                        "--cmdline",
                        "TEXT",
                        String.class,
                        false,
                        "Added to the kernel's command line."),
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
        BuildRequest request = request(options);
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

    private BuildRequest request(ParseResult options) throws FlipsideException, IOException {
        return new BuildRequest(
                options.matchedOptionValue("--rootfs", null),
                new ImageChoice(
                        Optional.ofNullable(options.matchedOptionValue("--image", null)),
                        Optional.ofNullable(options.matchedOptionValue("--platform", null))),
                options.matchedOptionValue("--product", null),
                options.matchedOptionValue("--version", null),
                usage(options.matchedOptionValue("--verity", Usage.ROOT.code())),
                options.matchedOptionValue("--out", null),
                number(options, "--security-version", 1, Integer.MAX_VALUE),
                BootOptions.overrides(options),
                BootOptions.signatures(options, clock),
                options.matchedOptionValue("--cmdline", ""),
                salt(options),
                number(options, "--pack-level", DEFAULT_PACK_LEVEL, MAX_PACK_LEVEL),
                Runtime.getRuntime().availableProcessors());
    }

    private static Usage usage(String code) throws FlipsideException {
        for (Usage usage : Usage.values()) {
            if (usage.code().equals(code)) {
                return usage;
            }
        }
        throw invalid("--verity", "root or usr", code);
    }

    private static Optional<String> salt(ParseResult options) throws FlipsideException {
        String salt = options.matchedOptionValue("--salt", null);
        if (salt == null) {
            return Optional.empty();
        }
        String hex = salt.toLowerCase(Locale.ROOT);
        if (!hex.matches(SALT)) {
            throw invalid("--salt", "up to 256 bytes in hex", salt);
        }
        return Optional.of(hex);
    }

    private static int number(ParseResult options, String name, int otherwise, int highest)
            throws FlipsideException {
        int number = options.matchedOptionValue(name, otherwise);
        if (number < 1 || number > highest) {
            throw invalid(name, "a number from 1 to " + highest, Integer.toString(number));
        }
        return number;
    }

    private static FlipsideException invalid(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                what,
                expected,
                "'" + found + "'",
                "give another value");
    }

    private static long sizeBytes(ReleaseManifest manifest, Artifact.Role role) {
        return manifest.artifact(role).map(Artifact::sizeBytes).orElse(0L);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
    }
}
