package dev.flipside.integration.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.integration.scenario.Scenario;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import dev.flipside.integration.scenario.run.ScenarioResult;
import dev.flipside.integration.scenario.run.ScenarioResult.StepResult;
import dev.flipside.integration.scenario.run.ScenarioRun;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What people, or programs, see of the scenarios as they are played. */
final class ScenarioConsole implements ScenarioRun.Listener {
    private final PrintStream out;
    private final boolean json;

    ScenarioConsole(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void begins(Scenario scenario) {
        if (json) {
            print(
                    StrictJson.object()
                            .put("event", "scenario-begins")
                            .put("name", scenario.name())
                            .put("file", scenario.file()));
        } else {
            out.printf("%s (%s)%n", scenario.name(), scenario.file());
        }
    }

    @Override
    public void begins(Scenario scenario, NumberedStep step) {
        if (json) {
            print(stepEvent("step-begins", scenario, step));
        }
    }

    @Override
    public void ended(Scenario scenario, StepResult result) {
        if (json) {
            print(
                    stepEvent("step", scenario, result.step())
                            .put("passed", result.passed())
                            .put("seconds", seconds(result.duration())));
        } else {
            out.printf(
                    Locale.ROOT,
                    "  %-6s %7.1f s  %s%n",
                    result.passed() ? "passed" : "FAILED",
                    seconds(result.duration()),
                    result.step().title());
            out.flush();
        }
    }

    @Override
    public void afterwards(Scenario scenario, IOException why) {
        if (json) {
            print(
                    StrictJson.object()
                            .put("event", "afterwards")
                            .put("scenario", scenario.name())
                            .put("message", why.toString()));
        } else {
            out.printf("  afterwards: %s%n", why);
        }
    }

    void ended(ScenarioResult result) {
        if (json) {
            print(event(result));
            return;
        }
        result.problem()
                .ifPresent(
                        problem ->
                                out.printf(
                                        "  %s: %s: %s%n",
                                        problem.kind().code(), problem.where(), problem.message()));
    }

    void total(List<ScenarioResult> results) {
        if (!json) {
            long passed = results.stream().filter(ScenarioResult::passed).count();
            out.printf("%d passed, %d failed%n", passed, results.size() - passed);
        }
    }

    private static ObjectNode stepEvent(String event, Scenario scenario, NumberedStep step) {
        return StrictJson.object()
                .put("event", event)
                .put("scenario", scenario.name())
                .put("number", step.number())
                .put("do", step.step().word());
    }

    private static ObjectNode event(ScenarioResult result) {
        ObjectNode node =
                StrictJson.object()
                        .put("event", "scenario")
                        .put("name", result.scenario().name())
                        .put("file", result.scenario().file())
                        .put("passed", result.passed())
                        .put("seconds", seconds(result.duration()));
        result.problem()
                .ifPresent(
                        problem -> {
                            ObjectNode told =
                                    node.putObject("problem")
                                            .put("kind", problem.kind().code())
                                            .put("where", problem.where())
                                            .put("message", problem.message());
                            ArrayNode tail = told.putArray("serialTail");
                            problem.serialTail().forEach(tail::add);
                        });
        return node;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private void print(ObjectNode node) {
        out.println(node);
        out.flush();
    }
}
