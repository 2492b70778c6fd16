package dev.flipside.builder.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.NearestName;
import dev.flipside.toml.TomlLines;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One table of a recipe, whose refusals name the file and the line.
 *
 * @param file for messages
 * @param text of the whole file, to find lines in
 * @param number of the table among those of its name, from 0 on
 */
record RecipeTable(String file, String text, String name, int number, JsonNode values) {
    private static final String REFERENCE = "see docs/reference/recipe.md";

    void refuseUnknown(List<String> known) throws FlipsideException {
        for (Map.Entry<String, JsonNode> value : values.properties()) {
            if (!known.contains(value.getKey())) {
                throw new FlipsideException(
                        FailureCode.CONFIG_INVALID,
                        place(value.getKey()),
                        "a known key in [" + name + "]",
                        "'" + value.getKey() + "'",
                        "did you mean '" + NearestName.of(value.getKey(), known) + "'?");
            }
        }
    }

    Optional<String> text(String key) throws FlipsideException {
        JsonNode value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw invalid(key, "a string that is not empty", value.toString());
        }
        return Optional.of(value.textValue());
    }

    String requireText(String key) throws FlipsideException {
        Optional<String> value = text(key);
        if (value.isEmpty()) {
            throw invalid(key, "'" + key + "' in [" + name + "]", "none");
        }
        return value.get();
    }

    /** The reason for a change, without which there is none. */
    String why() throws FlipsideException {
        JsonNode value = values.get("why");
        if (value == null || (value.isTextual() && value.textValue().isBlank())) {
            throw new FlipsideException(
                    FailureCode.CONFIG_INVALID,
                    place("why"),
                    "'why' in [" + name + "]",
                    value == null ? "none" : "an empty one",
                    "say why the image has this otherwise than its root file system");
        }
        return requireText("why");
    }

    Optional<Integer> number(String key, int highest) throws FlipsideException {
        JsonNode value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        boolean whole = value.isIntegralNumber() && value.canConvertToInt();
        if (!whole || value.intValue() < 1 || value.intValue() > highest) {
            throw invalid(key, "a whole number from 1 to " + highest, value.toString());
        }
        return Optional.of(value.intValue());
    }

    FlipsideException invalid(String key, String expected, String found) {
        return new FlipsideException(
                FailureCode.CONFIG_INVALID, place(key), expected, found, REFERENCE);
    }

    private String place(String key) {
        return file + TomlLines.keyIn(text, name, number, key);
    }
}
