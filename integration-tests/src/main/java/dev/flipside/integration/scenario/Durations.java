package dev.flipside.integration.scenario;

import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.TomlTable;
import dev.flipside.updater.config.PolicyText;
import dev.flipside.updater.lifecycle.TimeWords;
import java.time.Duration;
import java.util.Optional;

/** Lengths of time, written as in the updater's configuration. */
final class Durations {
    private Durations() {}

    static Optional<Duration> read(TomlTable table, String key, Duration max)
            throws FlipsideException {
        Optional<String> text = table.text(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<Duration> duration =
                PolicyText.duration(text.get())
                        .filter(Duration::isPositive)
                        .filter(it -> it.compareTo(max) <= 0);
        if (duration.isEmpty()) {
            throw table.invalid(
                    key,
                    "a length of time up to %s, as 90s or 5m".formatted(TimeWords.of(max)),
                    "'" + text.get() + "'");
        }
        return duration;
    }
}
