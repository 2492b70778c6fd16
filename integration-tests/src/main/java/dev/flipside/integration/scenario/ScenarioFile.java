package dev.flipside.integration.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import dev.flipside.toml.StrictToml;
import dev.flipside.toml.TomlLines;
import dev.flipside.toml.TomlTable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a scenario, as {@code docs/reference/scenarios.md} describes it. Pure. */
public final class ScenarioFile {
    /** No scenario is larger. */
    public static final int MAX_BYTES = 256 << 10;

    static final String ACTION = "see docs/reference/scenarios.md";
    private static final String STEP = "step";
    private static final int MAX_STEPS = 200;
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final Duration MAX_TIMEOUT = Duration.ofHours(12);
    private static final List<String> KEYS = List.of("name", "timeout", "configuration");

    private ScenarioFile() {}

    /**
     * Reads a scenario.
     *
     * @param file for messages
     * @throws FlipsideException {@code config-invalid}, with file and line
     */
    public static Scenario parse(byte[] bytes, String file) throws FlipsideException {
        if (bytes.length > MAX_BYTES) {
            throw new FlipsideException(
                    FailureCode.CONFIG_INVALID,
                    file,
                    "a scenario of at most " + MAX_BYTES + " bytes",
                    Integer.toString(bytes.length),
                    "split it");
        }
        ObjectNode tree = StrictToml.parse(bytes, file);
        String text = new String(bytes, StandardCharsets.UTF_8);
        refuseUnknownTables(tree, text, file);
        JsonNode steps = tree.path(STEP);
        TomlTable head = new TomlTable(file, text, "", 0, without(tree, STEP), ACTION);
        head.refuseUnknown(KEYS);
        if (!steps.isArray() || steps.isEmpty() || steps.size() > MAX_STEPS) {
            throw head.invalid(
                    STEP,
                    "1 to %d tables [[step]]".formatted(MAX_STEPS),
                    steps.isArray() ? Integer.toString(steps.size()) : "none");
        }
        Optional<String> configuration = head.text("configuration");
        if (configuration.isPresent()) {
            StrictToml.parse(
                    configuration.get().getBytes(StandardCharsets.UTF_8), file + ": configuration");
        }
        return new Scenario(
                file,
                head.requireText("name"),
                Durations.read(head, "timeout", MAX_TIMEOUT).orElse(TIMEOUT),
                configuration,
                steps(steps, text, file));
    }

    private static void refuseUnknownTables(ObjectNode tree, String text, String file)
            throws FlipsideException {
        for (Map.Entry<String, JsonNode> value : tree.properties()) {
            String key = value.getKey();
            if (value.getValue().isContainerNode() && !key.equals(STEP) && !KEYS.contains(key)) {
                throw new FlipsideException(
                        FailureCode.CONFIG_INVALID,
                        file + TomlLines.section(text, key),
                        "no table but [[step]]",
                        "'" + key + "'",
                        "did you mean '[[step]]'?");
            }
        }
    }

    private static ObjectNode without(ObjectNode tree, String key) {
        ObjectNode rest = tree.deepCopy();
        rest.remove(key);
        return rest;
    }

    private static List<NumberedStep> steps(JsonNode tables, String text, String file)
            throws FlipsideException {
        List<NumberedStep> steps = new ArrayList<>();
        for (JsonNode values : tables) {
            int index = steps.size();
            TomlTable table = new TomlTable(file, text, STEP, index, values, ACTION);
            if (!values.isObject()) {
                throw table.invalid("", "tables [[step]]", "something else");
            }
            steps.add(StepTable.read(table, index + 1));
        }
        return steps;
    }
}
