package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The fields of an object in {@code state.json}; one that is missing or of another kind is a
 * failure that names it.
 *
 * @param path where the object is, for the failure
 */
record StateFields(ObjectNode node, String path) {
    static final String WHAT = "state.json";

    /** Far above what a host can have. */
    private static final int MAX_ITEMS = 4096;

    String text(String name) throws FlipsideException {
        return optionalText(name).orElseThrow(() -> wrong(name, "a string"));
    }

    Optional<String> optionalText(String name) throws FlipsideException {
        JsonNode value = node.get(name);
        if (value != null && !value.isTextual()) {
            throw wrong(name, "a string");
        }
        return Optional.ofNullable(value).map(JsonNode::textValue);
    }

    /** A whole number from 0 on. */
    int number(String name) throws FlipsideException {
        JsonNode value = node.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
            throw wrong(name, "a whole number from 0 on");
        }
        return value.intValue();
    }

    boolean flag(String name) throws FlipsideException {
        if (!node.path(name).isBoolean()) {
            throw wrong(name, "true or false");
        }
        return node.path(name).booleanValue();
    }

    Instant time(String name) throws FlipsideException {
        try {
            return Instant.parse(text(name));
        } catch (DateTimeParseException e) {
            throw new FlipsideException(wrong(name, "a time in UTC").failure(), e);
        }
    }

    Optional<Instant> optionalTime(String name) throws FlipsideException {
        return node.has(name) ? Optional.of(time(name)) : Optional.empty();
    }

    StateFields object(String name) throws FlipsideException {
        return optionalObject(name).orElseThrow(() -> wrong(name, "an object"));
    }

    Optional<StateFields> optionalObject(String name) throws FlipsideException {
        JsonNode value = node.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof ObjectNode object) {
            return Optional.of(new StateFields(object, path + name + "."));
        }
        throw wrong(name, "an object");
    }

    List<StateFields> objects(String name) throws FlipsideException {
        List<StateFields> objects = new ArrayList<>();
        for (JsonNode item : array(name)) {
            if (!(item instanceof ObjectNode object)) {
                throw wrong(name, "an array of objects");
            }
            objects.add(new StateFields(object, "%s%s[%d].".formatted(path, name, objects.size())));
        }
        return objects;
    }

    List<String> texts(String name) throws FlipsideException {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : array(name)) {
            if (!item.isTextual()) {
                throw wrong(name, "an array of strings");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    <T> T oneOf(String name, T[] values, Function<T, String> code) throws FlipsideException {
        return known(name, values, code).orElseThrow(() -> wrong(name, "a value known here"));
    }

    /** Empty when a newer updater has written a value that this one does not know. */
    <T> Optional<T> known(String name, T[] values, Function<T, String> code)
            throws FlipsideException {
        String found = text(name);
        for (T value : values) {
            if (code.apply(value).equals(found)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    FlipsideException wrong(String name, String expected) {
        return new FlipsideException(
                FailureCode.STATE_MALFORMED,
                "%s: %s%s".formatted(WHAT, path, name),
                expected,
                String.valueOf(node.get(name)),
                "start flipsided, which keeps the file aside, and remembers what its history tells");
    }

    private JsonNode array(String name) throws FlipsideException {
        JsonNode value = node.path(name);
        if (!value.isArray() || value.size() > MAX_ITEMS) {
            throw wrong(name, "an array of at most %d".formatted(MAX_ITEMS));
        }
        return value;
    }
}
