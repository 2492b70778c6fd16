package dev.flipside.toml;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One table of a TOML file, whose refusals name the file and the line.
 *
 * @param file for messages
 * @param text of the whole file, to find lines in
 * @param name of the table; empty for the keys before the first one
 * @param number of the table among those of its name, from 0 on
 * @param action what to do about a wrong value, as the page that describes it
 */
public record TomlTable(
        String file, String text, String name, int number, JsonNode values, String action) {

    public void refuseUnknown(List<String> known) throws FlipsideException {
        for (Map.Entry<String, JsonNode> value : values.properties()) {
            if (!known.contains(value.getKey())) {
                throw new FlipsideException(
                        FailureCode.CONFIG_INVALID,
                        place(value.getKey()),
                        "a known key" + inTable(),
                        "'" + value.getKey() + "'",
                        "did you mean '" + NearestName.of(value.getKey(), known) + "'?");
            }
        }
    }

    public Optional<String> text(String key) throws FlipsideException {
        JsonNode value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw invalid(key, "a string that is not empty", value.toString());
        }
        return Optional.of(value.textValue());
    }

    public String requireText(String key) throws FlipsideException {
        Optional<String> value = text(key);
        if (value.isEmpty()) {
            throw invalid(key, "'" + key + "'" + inTable(), "none");
        }
        return value.get();
    }

    /** A text that is one of a few. */
    public Optional<String> word(String key, List<String> known) throws FlipsideException {
        Optional<String> value = text(key);
        if (value.isPresent() && !known.contains(value.get())) {
            throw new FlipsideException(
                    FailureCode.CONFIG_INVALID,
                    place(key),
                    "one of " + String.join(", ", known) + " as '" + key + "'",
                    "'" + value.get() + "'",
                    "did you mean '" + NearestName.of(value.get(), known) + "'?");
        }
        return value;
    }

    public Optional<Integer> number(String key, int lowest, int highest) throws FlipsideException {
        JsonNode value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        boolean whole = value.isIntegralNumber() && value.canConvertToInt();
        if (!whole || value.intValue() < lowest || value.intValue() > highest) {
            throw invalid(
                    key, "a whole number from " + lowest + " to " + highest, value.toString());
        }
        return Optional.of(value.intValue());
    }

    public FlipsideException invalid(String key, String expected, String found) {
        return invalid(key, expected, found, action);
    }

    public FlipsideException invalid(
            String key, String expected, String found, String otherAction) {
        return new FlipsideException(
                FailureCode.CONFIG_INVALID, place(key), expected, found, otherAction);
    }

    private String inTable() {
        return name.isEmpty() ? "" : " in [" + name + "]";
    }

    private String place(String key) {
        return file + TomlLines.keyIn(text, name, number, key);
    }
}
