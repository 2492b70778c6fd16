package dev.flipside.updater.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.NearestName;
import dev.flipside.toml.StrictToml;
import dev.flipside.toml.TomlLines;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One file of the configuration, in which every key is a known one. */
record ConfigLayer(Path file, String text, ObjectNode tree) {

    /** What a file says of a key. */
    record Given(ConfigLayer layer, ConfigKey key, JsonNode value) {
        /** Where it stands: the file, and the line where that can be told. */
        String place() {
            return layer.file + TomlLines.key(layer.text, key.section(), key.key());
        }
    }

    static ConfigLayer parse(Path file, byte[] bytes) throws FlipsideException {
        ObjectNode tree = StrictToml.parse(bytes, file.toString());
        ConfigLayer layer = new ConfigLayer(file, new String(bytes, StandardCharsets.UTF_8), tree);
        layer.refuseUnknown();
        return layer;
    }

    Optional<Given> given(ConfigKey key) {
        return Optional.ofNullable(tree.get(key.section()))
                .map(section -> section.get(key.key()))
                .map(value -> new Given(this, key, value));
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
}
