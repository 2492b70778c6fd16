package dev.flipside.updater.health;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.NearestName;
import dev.flipside.updater.config.PolicyText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** One {@code [[check]]} table, key by key; one that nobody has asked for is refused. */
final class CheckTable {
    static final String ACTION = "mend the check; its keys stand in docs/reference/health.md";
    private static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(5);
    private static final int MAX_ITEMS = 64;

    private final JsonNode table;
    private final String path;
    private final TreeSet<String> asked = new TreeSet<>();

    CheckTable(JsonNode table, String path) {
        this.table = table;
        this.path = path;
    }

    /** What every check has. */
    CheckTerms terms(String name, Duration timeout) throws FlipsideException {
        Optional<String> text = text("timeout");
        Optional<Duration> given = text.flatMap(PolicyText::duration);
        if (text.isPresent()
                && given.filter(it -> it.compareTo(MIN_TIMEOUT) >= 0)
                        .filter(it -> it.compareTo(MAX_TIMEOUT) <= 0)
                        .isEmpty()) {
            throw invalid("a timeout from 1s to 5m", "'%s'".formatted(text.get()));
        }
        return new CheckTerms(
                text("name").orElse(name), flag("required", true), given.orElse(timeout));
    }

    Optional<String> text(String key) throws FlipsideException {
        asked.add(key);
        JsonNode value = table.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw invalid("a string as '%s'".formatted(key), value.toString());
        }
        return Optional.of(value.textValue());
    }

    String required(String key) throws FlipsideException {
        return text(key).orElseThrow(() -> invalid("the key '%s'".formatted(key), "none"));
    }

    /** An absolute path. */
    String path(String key) throws FlipsideException {
        return text(key)
                .filter(it -> it.startsWith("/"))
                .orElseThrow(() -> invalid("an absolute path as '%s'".formatted(key), "none"));
    }

    List<String> texts(String key) throws FlipsideException {
        asked.add(key);
        JsonNode value = table.get(key);
        if (value == null) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value) {
            texts.add(item.isTextual() ? item.textValue() : "");
        }
        if (!value.isArray() || texts.contains("") || texts.size() > MAX_ITEMS) {
            throw invalid(
                    "an array of at most %d strings as '%s'".formatted(MAX_ITEMS, key),
                    value.toString());
        }
        return texts;
    }

    boolean flag(String key, boolean fallback) throws FlipsideException {
        asked.add(key);
        JsonNode value = table.get(key);
        if (value != null && !value.isBoolean()) {
            throw invalid("true or false as '%s'".formatted(key), value.toString());
        }
        return value == null ? fallback : value.booleanValue();
    }

    Optional<Integer> number(String key, int min, int max) throws FlipsideException {
        asked.add(key);
        JsonNode value = table.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < min
                || value.intValue() > max) {
            throw invalid(
                    "a number from %d to %d as '%s'".formatted(min, max, key), value.toString());
        }
        return Optional.of(value.intValue());
    }

    void refuseOthers() throws FlipsideException {
        for (Map.Entry<String, JsonNode> entry : table.properties()) {
            String key = entry.getKey();
            if (!asked.contains(key)) {
                throw new FlipsideException(
                        FailureCode.CONFIG_INVALID,
                        path,
                        "the keys of a check of this type",
                        "'%s'".formatted(key),
                        "did you mean '%s'? The keys stand in docs/reference/health.md"
                                .formatted(NearestName.of(key, List.copyOf(asked))));
            }
        }
    }

    FlipsideException invalid(String expected, String found) {
        return new FlipsideException(FailureCode.CONFIG_INVALID, path, expected, found, ACTION);
    }
}
