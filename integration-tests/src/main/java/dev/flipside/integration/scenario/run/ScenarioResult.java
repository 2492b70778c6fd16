package dev.flipside.integration.scenario.run;

import dev.flipside.integration.scenario.Scenario;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a scenario went.
 *
 * @param steps those that were begun
 */
public record ScenarioResult(
        Scenario scenario,
        Instant startedAt,
        Duration duration,
        List<StepResult> steps,
        Optional<Problem> problem) {

    public ScenarioResult {
        Objects.requireNonNull(scenario);
        Objects.requireNonNull(startedAt);
        Objects.requireNonNull(duration);
        Objects.requireNonNull(problem);
        steps = List.copyOf(steps);
    }

    public boolean passed() {
        return problem.isEmpty();
    }

    /** How one step went, all of its times together. */
    public record StepResult(NumberedStep step, Duration duration, boolean passed) {}

    /**
     * Why it ended early.
     *
     * @param where the step
     * @param serialTail the last lines of the serial console
     */
    public record Problem(Kind kind, String where, String message, List<String> serialTail) {
        public Problem {
            serialTail = List.copyOf(serialTail);
        }
    }

    /** Whose fault it is. */
    public enum Kind {
        /** The host did not do what the scenario expects. */
        FAILED("failed"),
        /** The machine could not be driven, so nothing is known about the host. */
        ERROR("error");

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
