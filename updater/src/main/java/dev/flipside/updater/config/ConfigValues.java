package dev.flipside.updater.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.NearestName;
import dev.flipside.updater.config.ConfigLayer.Given;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The value of each key as what it means; one that means nothing is refused with its place. */
record ConfigValues(ConfigLayers layers) {
    static final String ACTION =
            "mend the file; every key stands in docs/reference/configuration.md";

    URI url(ConfigKey key, List<String> schemes) throws FlipsideException {
        return url(key, text(key), schemes);
    }

    /** One of the texts of a key as a URL. */
    URI url(ConfigKey key, String value, List<String> schemes) throws FlipsideException {
        try {
            URI url = new URI(value);
            if (schemes.contains(String.valueOf(url.getScheme()))) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw invalid(key, "a URL", "'%s'".formatted(value), ACTION, e);
        }
        throw invalid(key, "an %s: URL".formatted(listed(schemes)), "'%s'".formatted(value));
    }

    private static String listed(List<String> schemes) {
        String last = schemes.getLast();
        return schemes.size() == 1
                ? last
                : String.join(":, ", schemes.subList(0, schemes.size() - 1)) + ": or " + last;
    }

    <T> T choice(ConfigKey key, T[] values, Function<T, String> code) throws FlipsideException {
        String found = text(key);
        for (T value : values) {
            if (code.apply(value).equals(found)) {
                return value;
            }
        }
        List<String> codes = Arrays.stream(values).map(code).toList();
        throw invalid(
                key,
                "one of " + String.join(", ", codes),
                "'%s'".formatted(found),
                "did you mean '%s'?".formatted(NearestName.of(found, codes)),
                null);
    }

    Optional<Path> optionalPath(ConfigKey key) throws FlipsideException {
        return text(key).isEmpty() ? Optional.empty() : Optional.of(path(key));
    }

    Path path(ConfigKey key) throws FlipsideException {
        String value = text(key);
        if (value.indexOf('\0') >= 0) {
            throw invalid(key, key.kind().words(), "a NUL");
        }
        return layers.main().resolveSibling(value).normalize();
    }

    String text(ConfigKey key) throws FlipsideException {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return key.fallback().orElseThrow(() -> missing(key));
        }
        if (!value.get().isTextual()) {
            throw invalid(key, key.kind().words(), value.get().toString());
        }
        return value.get().textValue();
    }

    List<String> texts(ConfigKey key) throws FlipsideException {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            String fallback = key.fallback().orElseThrow(() -> missing(key));
            return fallback.isEmpty() ? List.of() : List.of(fallback.split(" "));
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value.get()) {
            texts.add(item.isTextual() ? item.textValue() : "");
        }
        if (!value.get().isArray() || texts.contains("")) {
            throw invalid(key, key.kind().words(), value.get().toString());
        }
        return texts;
    }

    int number(ConfigKey key) throws FlipsideException {
        return number(key, 1);
    }

    int count(ConfigKey key) throws FlipsideException {
        return number(key, 0);
    }

    private int number(ConfigKey key, int min) throws FlipsideException {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return Integer.parseInt(key.fallback().orElseThrow(() -> missing(key)));
        }
        if (!value.get().isIntegralNumber()
                || !value.get().canConvertToInt()
                || value.get().intValue() < min) {
            throw invalid(key, key.kind().words(), value.get().toString());
        }
        return value.get().intValue();
    }

    /** A length of time between two others. */
    Duration duration(ConfigKey key, Duration min, Duration max) throws FlipsideException {
        String text = text(key);
        Optional<Duration> duration = PolicyText.duration(text);
        if (duration.isEmpty()) {
            throw invalid(key, key.kind().words(), "'%s'".formatted(text));
        }
        if (duration.get().compareTo(min) < 0 || duration.get().compareTo(max) > 0) {
            throw invalid(
                    key,
                    "from %s to %s".formatted(PolicyText.words(min), PolicyText.words(max)),
                    "'%s'".formatted(text));
        }
        return duration.get();
    }

    Optional<JsonNode> value(ConfigKey key) {
        return layers.given(key).map(Given::value);
    }

    private FlipsideException missing(ConfigKey key) {
        return invalid(key, key.kind().words(), "nothing");
    }

    FlipsideException invalid(ConfigKey key, String expected, String found) {
        return invalid(key, expected, found, ACTION, null);
    }

    FlipsideException invalid(
            ConfigKey key, String expected, String found, String action, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.CONFIG_INVALID,
                        layers.given(key).map(Given::place).orElse(layers.main().toString()),
                        "%s in %s".formatted(expected, key.title()),
                        found,
                        action),
                cause);
    }
}
