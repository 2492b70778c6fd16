package dev.flipside.integration.scenario.run;

import dev.flipside.integration.scenario.Scenario;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import dev.flipside.integration.scenario.run.ScenarioResult.Kind;
import dev.flipside.integration.scenario.run.ScenarioResult.Problem;
import dev.flipside.integration.scenario.run.ScenarioResult.StepResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Plays a scenario on a guest, up to its end or to the first step that goes wrong.
 *
 * <p>Invariant: it ends, whatever the guest does: every step waits at most for its timeout, and all
 * of them together for the scenario's.
 */
public final class ScenarioRun {
    private static final int TAIL_LINES = 60;

    /** How systemd shows, many times a second, that it waits for a unit. */
    private static final Pattern STILL_WAITING =
            Pattern.compile("^\\[[ *]{6}\\] (\\(\\d+ of \\d+\\) )?.*\\(\\d.* / .*\\)$");

    private final Guest guest;
    private final InstantSource clock;
    private final Listener listener;

    public ScenarioRun(Guest guest, InstantSource clock, Listener listener) {
        this.guest = guest;
        this.clock = clock;
        this.listener = listener;
    }

    /** Hears of every step, for those who watch. */
    public interface Listener {
        void begins(Scenario scenario, NumberedStep step);

        void ended(Scenario scenario, StepResult step);

        /** The result stands, and then logs could not be kept, or a machine not be removed. */
        void afterwards(Scenario scenario, IOException why);
    }

    public ScenarioResult run(Scenario scenario) {
        Instant start = clock.instant();
        Deadline deadline = Deadline.in(clock, scenario.timeout());
        StepPlayer player = new StepPlayer(guest, Path.of(scenario.file()).resolveSibling(""));
        List<StepResult> done = new ArrayList<>();
        Optional<Problem> problem = Optional.empty();
        for (NumberedStep step : scenario.steps()) {
            listener.begins(scenario, step);
            Instant begun = clock.instant();
            problem = play(player, step, deadline);
            StepResult result =
                    new StepResult(
                            step, Duration.between(begun, clock.instant()), problem.isEmpty());
            done.add(result);
            listener.ended(scenario, result);
            if (problem.isPresent()) {
                break;
            }
        }
        return new ScenarioResult(
                scenario, start, Duration.between(start, clock.instant()), done, problem);
    }

    private Optional<Problem> play(StepPlayer player, NumberedStep step, Deadline deadline) {
        int time = 1;
        try {
            for (; time <= step.times(); time++) {
                if (deadline.passed()) {
                    throw new StepFailedException(
                            "the scenario to end in its time", "this step still to be done");
                }
                player.play(step.step(), deadline.orIn(step.timeout()));
            }
            return Optional.empty();
        } catch (StepFailedException e) {
            return Optional.of(problem(Kind.FAILED, step, time, e.getMessage()));
        } catch (IOException e) {
            return Optional.of(problem(Kind.ERROR, step, time, e.toString()));
        }
    }

    private Problem problem(Kind kind, NumberedStep step, int time, String message) {
        String found = message;
        try {
            guest.collect();
        } catch (IOException e) {
            found += "; what may tell why could not be kept: " + e;
        }
        List<String> lines =
                guest.serialLines().stream()
                        .filter(line -> !STILL_WAITING.matcher(line).matches())
                        .toList();
        return new Problem(
                kind,
                step.times() == 1 ? step.title() : "%s, time %d".formatted(step.title(), time),
                found,
                lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
}
