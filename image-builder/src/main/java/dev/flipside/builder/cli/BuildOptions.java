package dev.flipside.builder.cli;

import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.recipe.Change;
import dev.flipside.builder.recipe.Change.Kind;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.recipe.RecipeFile;
import dev.flipside.builder.release.BuildRequest;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.ParseResult;

/** The request that the options of {@code build}, and a recipe, make together. */
final class BuildOptions {
    private static final int DEFAULT_PACK_LEVEL = 19;
    private static final int MAX_PACK_LEVEL = 22;
    private static final String SALT = "(?:[0-9a-f]{2}){0,256}";
    private static final String COMPRESSION = "(?:lz4|lz4hc|zstd|deflate)(?:,[0-9]{1,2})?";

    private BuildOptions() {}

    /** What a recipe and the options say; options count where both say something. */
    static BuildRequest request(ParseResult options, BuildClock clock)
            throws FlipsideException, IOException {
        Path file = options.matchedOptionValue("--recipe", null);
        RecipeFile recipe = file == null ? RecipeFile.none() : RecipeFile.read(file);
        RecipeFile.Settings settings = recipe.settings();
        return new BuildRequest(
                rootfs(options, settings),
                new ImageChoice(
                        Optional.ofNullable(options.matchedOptionValue("--image", null)),
                        Optional.ofNullable(options.matchedOptionValue("--platform", null))),
                product(options, settings),
                options.matchedOptionValue("--version", null),
                usage(
                        options.matchedOptionValue(
                                "--verity", settings.verity().orElse(Usage.ROOT.code()))),
                options.matchedOptionValue("--out", null),
                number(
                        options,
                        "--security-version",
                        settings.securityVersion().orElse(1),
                        Integer.MAX_VALUE),
                BootOptions.overrides(options),
                BootOptions.signatures(options, clock),
                options.matchedOptionValue("--cmdline", ""),
                recipe.recipe().and(given(options)),
                compression(options, settings),
                slotBytes(options, settings),
                salt(options),
                number(options, "--pack-level", DEFAULT_PACK_LEVEL, MAX_PACK_LEVEL),
                Runtime.getRuntime().availableProcessors());
    }

    private static Path rootfs(ParseResult options, RecipeFile.Settings settings)
            throws FlipsideException {
        Path given = options.matchedOptionValue("--rootfs", null);
        return given == null
                ? settings.rootfs().orElseThrow(() -> missing("--rootfs", "rootfs"))
                : given;
    }

    private static String product(ParseResult options, RecipeFile.Settings settings)
            throws FlipsideException {
        String given = options.matchedOptionValue("--product", null);
        return given == null
                ? settings.product().orElseThrow(() -> missing("--product", "product"))
                : given;
    }

    /** Changes that were given as options have nobody's reason. */
    private static Recipe given(ParseResult options) throws FlipsideException {
        List<Change> changes = new ArrayList<>();
        for (String glob : options.matchedOptionValue("--exclude", List.<String>of())) {
            changes.add(change(Kind.EXCLUDE, glob, Optional.empty()));
        }
        for (String path : options.matchedOptionValue("--overlay", List.<String>of())) {
            changes.add(withFile(Kind.OVERLAY, path(path)));
        }
        if (options.matchedOptionValue("--decompress-modules", false)) {
            changes.add(change(Kind.DECOMPRESS_MODULES, "*.ko.*", Optional.empty()));
        }
        Path contexts = options.matchedOptionValue("--selinux-contexts", null);
        if (contexts != null) {
            changes.add(withFile(Kind.SELINUX_CONTEXTS, contexts));
        }
        return new Recipe(changes);
    }

    private static Path path(String text) throws FlipsideException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw Command.invalid("--overlay", "a path", e.getReason());
        }
    }

    /** The name alone: where it lies on this machine is nobody else's business. */
    private static Change withFile(Kind kind, Path file) {
        Path name = file.toAbsolutePath().normalize().getFileName();
        return change(kind, name == null ? "/" : name.toString(), Optional.of(file));
    }

    private static Change change(Kind kind, String subject, Optional<Path> file) {
        return new Change(kind, subject, file, Optional.empty());
    }

    private static Optional<String> compression(ParseResult options, RecipeFile.Settings settings)
            throws FlipsideException {
        String given = options.matchedOptionValue("--compress", settings.compress().orElse(null));
        if (given != null && !given.matches(COMPRESSION)) {
            throw Command.invalid(
                    "--compress", "lz4, lz4hc, zstd or deflate, with or without ',LEVEL'", given);
        }
        return Optional.ofNullable(given);
    }

    private static OptionalLong slotBytes(ParseResult options, RecipeFile.Settings settings)
            throws FlipsideException {
        String given = options.matchedOptionValue("--slot-size", settings.slotSize().orElse(null));
        if (given == null) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(
                ByteSize.parse(given)
                        .orElseThrow(
                                () -> Command.invalid("--slot-size", "a size like 1GiB", given)));
    }

    private static FlipsideException missing(String option, String key) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                option,
                option + ", or '" + key + "' under [image] in a recipe",
                "neither",
                "say what to build");
    }

    private static Usage usage(String code) throws FlipsideException {
        for (Usage usage : Usage.values()) {
            if (usage.code().equals(code)) {
                return usage;
            }
        }
        throw Command.invalid("--verity", "root or usr", code);
    }

    private static Optional<String> salt(ParseResult options) throws FlipsideException {
        String salt = options.matchedOptionValue("--salt", null);
        if (salt == null) {
            return Optional.empty();
        }
        String hex = salt.toLowerCase(Locale.ROOT);
        if (!hex.matches(SALT)) {
            throw Command.invalid("--salt", "up to 256 bytes in hex", salt);
        }
        return Optional.of(hex);
    }

    private static int number(ParseResult options, String name, int otherwise, int highest)
            throws FlipsideException {
        int number = options.matchedOptionValue(name, otherwise);
        if (number < 1 || number > highest) {
            throw Command.invalid(name, "a number from 1 to " + highest, Integer.toString(number));
        }
        return number;
    }
}
