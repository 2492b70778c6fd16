package dev.flipside.updater.health;

import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * A program ends with exit code 0.
 *
 * @param command an absolute path, and its arguments
 */
public record CommandCheck(CheckTerms terms, List<String> command) implements HealthCheck {
    public CommandCheck {
        Objects.requireNonNull(terms);
        command = List.copyOf(command);
    }

    @Override
    public HealthResult run(Surroundings machine) {
        try {
            Surroundings.Ended ended = machine.run(command, terms.timeout());
            if (ended.timedOut()) {
                return terms.failed(
                        "expected an end within %d s, found none: %s"
                                .formatted(
                                        terms.timeout().toSeconds(), OneLine.tail(ended.output())));
            }
            return ended.exitCode() == 0
                    ? terms.passed("exit code 0")
                    : terms.failed(
                            "expected exit code 0, found %d: %s"
                                    .formatted(ended.exitCode(), OneLine.tail(ended.output())));
        } catch (IOException e) {
            return terms.failed(
                    "expected %s to start, found %s".formatted(command.getFirst(), e.getMessage()));
        }
    }
}
