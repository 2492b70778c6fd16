package dev.flipside.integration.scenario;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is done to one machine, and what must come of it.
 *
 * @param file it was read from, for reports
 * @param timeout for all steps together
 * @param configuration TOML that is laid over the configuration of the host's updater
 */
public record Scenario(
        String file,
        String name,
        Duration timeout,
        Optional<String> configuration,
        List<NumberedStep> steps) {

    public Scenario {
        Objects.requireNonNull(file);
        Objects.requireNonNull(name);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(configuration);
        steps = List.copyOf(steps);
    }

    /**
     * A step with its place in the scenario.
     *
     * @param number from 1 on
     * @param timeout for each time that it is done
     * @param times how often it is done, one after the other
     */
    public record NumberedStep(int number, Step step, Duration timeout, int times) {
        public NumberedStep {
            Objects.requireNonNull(step);
            Objects.requireNonNull(timeout);
        }

        /** For reports: {@code step 3 (update)}. */
        public String title() {
            return "step %d (%s)".formatted(number, step.word());
        }
    }
}
