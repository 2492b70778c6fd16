package dev.flipside.updater.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.toml.NearestName;
import dev.flipside.toml.StrictToml;
import dev.flipside.toml.TomlLines;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.updater.lifecycle.RebootStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the configuration file. A key that is not in the table, or a value of another kind, is
 * refused: a misspelt key must not be a default that nobody asked for.
 */
public final class ConfigFile {
    private static final int MAX_BYTES = 1 << 20;

    private final Path file;
    private final String text;
    private final ObjectNode tree;

    private ConfigFile(Path file, byte[] bytes) throws FlipsideException {
        this.file = file;
        this.text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        this.tree = StrictToml.parse(bytes, file.toString());
    }

    /**
     * Reads a configuration.
     *
     * @throws FlipsideException {@code config-invalid} or {@code input-missing}
     */
    public static UpdaterConfig load(Path file) throws FlipsideException {
        return parse(file, read(file));
    }

    /** Every key with the value that holds, and where that comes from. */
    public static List<ConfigValue> values(Path file) throws FlipsideException {
        UpdaterConfig valid = load(file);
        ConfigFile config = new ConfigFile(valid.file(), read(file));
        List<ConfigValue> values = new ArrayList<>();
        for (ConfigKey key : ConfigKey.values()) {
            Optional<JsonNode> given = config.value(key);
            values.add(
                    new ConfigValue(
                            key.section(),
                            key.key(),
                            given.map(JsonNode::toString).orElse(key.fallbackAsToml()),
                            given.isPresent() ? valid.file().toString() : "default"));
        }
        return values;
    }

    private static byte[] read(Path file) throws FlipsideException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new FlipsideException(
                        FailureCode.CONFIG_INVALID,
                        file.toString(),
                        "at most %d bytes".formatted(MAX_BYTES),
                        "more",
                        "name the configuration with '--config FILE'");
            }
            return bytes;
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.INPUT_MISSING,
                            file.toString(),
                            "a configuration file",
                            e instanceof NoSuchFileException ? "nothing there" : e.toString(),
                            "name one with '--config FILE'"),
                    e);
        }
    }

    /**
     * Reads a configuration from the bytes of a file; relative paths are relative to its folder.
     */
    static UpdaterConfig parse(Path file, byte[] bytes) throws FlipsideException {
        ConfigFile config = new ConfigFile(file.toAbsolutePath().normalize(), bytes);
        config.refuseUnknown();
        return config.complete();
    }

    private UpdaterConfig complete() throws FlipsideException {
        return new UpdaterConfig(
                file,
                new UpdaterConfig.Source(url()),
                new UpdaterConfig.Policy(
                        text(ConfigKey.POLICY_CHANNEL),
                        choice(
                                ConfigKey.POLICY_REBOOT,
                                RebootStrategy.values(),
                                RebootStrategy::code),
                        choice(
                                ConfigKey.POLICY_ALGORITHMS,
                                AlgorithmPolicy.values(),
                                AlgorithmPolicy::code)),
                new UpdaterConfig.Host(
                        text(ConfigKey.HOST_PRODUCT),
                        choice(
                                ConfigKey.HOST_ARCHITECTURE,
                                Architecture.values(),
                                Architecture::code),
                        optionalPath(ConfigKey.HOST_DISK),
                        optionalPath(ConfigKey.HOST_ESP),
                        path(ConfigKey.HOST_STATE),
                        path(ConfigKey.HOST_SYSTEM_ROOT),
                        path(ConfigKey.HOST_ROOT_JSON)),
                new UpdaterConfig.Health(texts(ConfigKey.HEALTH_FOLDERS)),
                new UpdaterConfig.Limits(
                        number(ConfigKey.LIMITS_HISTORY_BYTES),
                        number(ConfigKey.LIMITS_LOOKUP_BYTES),
                        number(ConfigKey.LIMITS_THREADS)));
    }

    private void refuseUnknown() throws FlipsideException {
        for (Map.Entry<String, JsonNode> section : tree.properties()) {
            List<String> keys =
                    Arrays.stream(ConfigKey.values())
                            .filter(key -> key.section().equals(section.getKey()))
                            .map(ConfigKey::key)
                            .toList();
            if (keys.isEmpty() || !(section.getValue() instanceof ObjectNode values)) {
                List<String> sections =
                        Arrays.stream(ConfigKey.values())
                                .map(ConfigKey::section)
                                .distinct()
                                .toList();
                throw unknown("section", section.getKey(), "", sections);
            }
            for (Map.Entry<String, JsonNode> value : values.properties()) {
                if (!keys.contains(value.getKey())) {
                    throw unknown("key", value.getKey(), section.getKey(), keys);
                }
            }
        }
    }

    private FlipsideException unknown(
            String kind, String name, String section, List<String> known) {
        String place =
                section.isEmpty()
                        ? TomlLines.section(text, name)
                        : TomlLines.key(text, section, name);
        return new FlipsideException(
                FailureCode.CONFIG_INVALID,
                file + place,
                "a known " + kind,
                section.isEmpty() ? "[%s]".formatted(name) : "[%s] %s".formatted(section, name),
                "did you mean '%s'?".formatted(NearestName.of(name, known)));
    }

    private URI url() throws FlipsideException {
        String value = text(ConfigKey.SOURCE_URL);
        try {
            URI url = new URI(value);
            if (List.of("http", "https", "file").contains(String.valueOf(url.getScheme()))) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw invalid(ConfigKey.SOURCE_URL, "a URL", "'%s'".formatted(value), e);
        }
        throw invalid(
                ConfigKey.SOURCE_URL,
                "an http:, https: or file: URL",
                "'%s'".formatted(value),
                null);
    }

    private <T> T choice(ConfigKey key, T[] values, Function<T, String> code)
            throws FlipsideException {
        String found = text(key);
        for (T value : values) {
            if (code.apply(value).equals(found)) {
                return value;
            }
        }
        String expected = "one of " + String.join(", ", Arrays.stream(values).map(code).toList());
        throw invalid(key, expected, "'%s'".formatted(found), null);
    }

    private Optional<Path> optionalPath(ConfigKey key) throws FlipsideException {
        return text(key).isEmpty() ? Optional.empty() : Optional.of(path(key));
    }

    private Path path(ConfigKey key) throws FlipsideException {
        String value = text(key);
        if (value.indexOf('\0') >= 0) {
            throw invalid(key, key.kind().words(), "a NUL", null);
        }
        return folder().resolve(value).normalize();
    }

    private Path folder() {
        Path parent = file.getParent();
        return parent == null ? file : parent;
    }

    private String text(ConfigKey key) throws FlipsideException {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return key.fallback().orElseThrow(() -> missing(key));
        }
        if (!value.get().isTextual()) {
            throw invalid(key, key.kind().words(), value.get().toString(), null);
        }
        return value.get().textValue();
    }

    private List<String> texts(ConfigKey key) throws FlipsideException {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return List.of(key.fallback().orElseThrow(() -> missing(key)).split(" "));
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value.get()) {
            texts.add(item.isTextual() ? item.textValue() : "");
        }
        if (!value.get().isArray() || texts.contains("")) {
            throw invalid(key, key.kind().words(), value.get().toString(), null);
        }
        return texts;
    }

    private int number(ConfigKey key) throws FlipsideException {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return Integer.parseInt(key.fallback().orElseThrow(() -> missing(key)));
        }
        if (!value.get().isIntegralNumber()
                || !value.get().canConvertToInt()
                || value.get().intValue() < 1) {
            throw invalid(key, key.kind().words(), value.get().toString(), null);
        }
        return value.get().intValue();
    }

    private Optional<JsonNode> value(ConfigKey key) {
        return Optional.ofNullable(tree.get(key.section())).map(it -> it.get(key.key()));
    }

    private FlipsideException missing(ConfigKey key) {
        return invalid(key, key.kind().words(), "nothing", null);
    }

    private FlipsideException invalid(
            ConfigKey key, String expected, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.CONFIG_INVALID,
                        file + TomlLines.key(text, key.section(), key.key()),
                        "%s in %s".formatted(expected, key.title()),
                        found,
                        "mend the file; every key stands in docs/reference/configuration.md"),
                cause);
    }
}
