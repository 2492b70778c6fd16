package dev.flipside.builder.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.recipe.Change.Kind;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.NearestName;
import dev.flipside.toml.StrictToml;
import dev.flipside.toml.TomlLines;
import dev.flipside.toml.TomlTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A recipe as {@code docs/reference/recipe.md} describes it: what an image is made of, and what is
 * changed in it, each with its reason.
 *
 * @param settings what the options of {@code build} say, too, and then more strongly
 */
public record RecipeFile(Settings settings, Recipe recipe) {
    private static final int MAX_BYTES = 1 << 20;
    private static final String IMAGE = "image";
    private static final String WHY = "why";
    private static final String REFERENCE = "see docs/reference/recipe.md";
    private static final List<String> TABLES =
            List.of(
                    IMAGE,
                    Kind.EXCLUDE.code(),
                    Kind.OVERLAY.code(),
                    Kind.KERNEL_OPTION.code(),
                    Kind.SELINUX_CONTEXTS.code(),
                    Kind.DECOMPRESS_MODULES.code());
    private static final List<String> IMAGE_KEYS =
            List.of("rootfs", "product", "verity", "security-version", "slot-size", "compress");

    /**
     * What is built; everything may be left to the options.
     *
     * @param rootfs resolved against the folder of the recipe
     */
    public record Settings(
            Optional<Path> rootfs,
            Optional<String> product,
            Optional<String> verity,
            Optional<Integer> securityVersion,
            Optional<String> slotSize,
            Optional<String> compress) {
        public static Settings none() {
            return new Settings(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
    }

    public static RecipeFile none() {
        return new RecipeFile(Settings.none(), Recipe.none());
    }

    /**
     * Reads a recipe.
     *
     * @throws FlipsideException {@code config-invalid}, with the line, or {@code input-missing}
     */
    public static RecipeFile read(Path file) throws FlipsideException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new FlipsideException(
                        FailureCode.CONFIG_INVALID,
                        file.toString(),
                        "a recipe of at most " + MAX_BYTES + " bytes",
                        "more",
                        "give another file with --recipe");
            }
            return new Reader(file, bytes).recipe();
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.INPUT_MISSING,
                            file.toString(),
                            "a recipe",
                            e instanceof NoSuchFileException ? "nothing there" : e.toString(),
                            "give another file with --recipe"),
                    e);
        }
    }

    private static final class Reader {
        private final Path file;
        private final String text;
        private final ObjectNode root;

        Reader(Path file, byte[] bytes) throws FlipsideException {
            this.file = file;
            this.root = StrictToml.parse(bytes, file.toString());
            this.text = new String(bytes, StandardCharsets.UTF_8);
        }

        RecipeFile recipe() throws FlipsideException {
            for (Map.Entry<String, JsonNode> table : root.properties()) {
                if (!TABLES.contains(table.getKey())) {
                    throw unknownTable(table.getKey());
                }
            }
            List<Change> changes = new ArrayList<>();
            for (Kind kind : Kind.values()) {
                for (TomlTable table : tables(kind)) {
                    changes.add(change(kind, table));
                }
            }
            return new RecipeFile(settings(), new Recipe(changes));
        }

        private FlipsideException unknownTable(String name) {
            return new FlipsideException(
                    FailureCode.CONFIG_INVALID,
                    file + TomlLines.section(text, name),
                    "a known table",
                    "[" + name + "]",
                    "did you mean '" + NearestName.of(name, TABLES) + "'?");
        }

        private Settings settings() throws FlipsideException {
            if (!root.has(IMAGE)) {
                return Settings.none();
            }
            TomlTable image = table(IMAGE, 0, root.get(IMAGE));
            image.refuseUnknown(IMAGE_KEYS);
            Optional<String> rootfs = image.text("rootfs");
            return new Settings(
                    rootfs.isPresent()
                            ? Optional.of(path(image, "rootfs", rootfs.get()))
                            : Optional.empty(),
                    image.text("product"),
                    image.text("verity"),
                    image.number("security-version", 1, Integer.MAX_VALUE),
                    image.text("slot-size"),
                    image.text("compress"));
        }

        private List<TomlTable> tables(Kind kind) throws FlipsideException {
            JsonNode found = root.get(kind.code());
            if (found == null) {
                return List.of();
            }
            if (!isList(kind)) {
                return List.of(table(kind.code(), 0, found));
            }
            if (!found.isArray()) {
                throw table(kind.code(), 0, root)
                        .invalid("", "tables [[" + kind.code() + "]]", "something else");
            }
            List<TomlTable> tables = new ArrayList<>();
            for (JsonNode one : found) {
                tables.add(table(kind.code(), tables.size(), one));
            }
            return tables;
        }

        private static boolean isList(Kind kind) {
            return switch (kind) {
                case EXCLUDE, OVERLAY, KERNEL_OPTION -> true;
                case SELINUX_CONTEXTS, DECOMPRESS_MODULES -> false;
            };
        }

        private TomlTable table(String name, int number, JsonNode values) throws FlipsideException {
            TomlTable table = new TomlTable(file.toString(), text, name, number, values, REFERENCE);
            if (!values.isObject()) {
                throw table.invalid("", "a table [" + name + "]", "something else");
            }
            return table;
        }

        private Change change(Kind kind, TomlTable table) throws FlipsideException {
            return switch (kind) {
                case EXCLUDE -> plain(kind, table, "glob");
                case KERNEL_OPTION -> plain(kind, table, "option");
                case OVERLAY -> withFile(kind, table, "path");
                case SELINUX_CONTEXTS -> withFile(kind, table, "file");
                case DECOMPRESS_MODULES -> {
                    table.refuseUnknown(List.of(WHY));
                    yield new Change(kind, "*.ko.*", Optional.empty(), Optional.of(why(table)));
                }
            };
        }

        private static Change plain(Kind kind, TomlTable table, String key)
                throws FlipsideException {
            table.refuseUnknown(List.of(key, WHY));
            String subject = table.requireText(key);
            return new Change(kind, subject, Optional.empty(), Optional.of(why(table)));
        }

        private Change withFile(Kind kind, TomlTable table, String key) throws FlipsideException {
            table.refuseUnknown(List.of(key, WHY));
            String subject = table.requireText(key);
            return new Change(
                    kind, subject, Optional.of(path(table, key, subject)), Optional.of(why(table)));
        }

        /** The reason for a change, without which there is none. */
        private static String why(TomlTable table) throws FlipsideException {
            JsonNode value = table.values().get(WHY);
            if (value == null || (value.isTextual() && value.textValue().isBlank())) {
                throw table.invalid(
                        WHY,
                        "'why' in [" + table.name() + "]",
                        value == null ? "none" : "an empty one",
                        "say why the image has this otherwise than its root file system");
            }
            return table.requireText(WHY);
        }

        private Path path(TomlTable table, String key, String value) throws FlipsideException {
            try {
                return file.resolveSibling(value).normalize();
            } catch (InvalidPathException e) {
                throw table.invalid(key, "a path", "one with a NUL in it");
            }
        }
    }
}
