package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Observation;
import dev.flipside.updater.health.HealthChecks;
import dev.flipside.updater.health.HealthResult;
import dev.flipside.updater.health.Pace;
import dev.flipside.updater.health.Surroundings;
import dev.flipside.updater.health.Trial;
import dev.flipside.updater.health.TrialTerms;
import dev.flipside.updater.health.Verdict;
import dev.flipside.updater.lifecycle.BootReview.OtherEntry;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The command {@code health}: what the checks of the release that runs say. */
final class Health {
    static final String TRIAL = "--trial";

    private Health() {}

    static void run(Invocation invocation) throws FlipsideException, IOException {
        UpdaterConfig config = invocation.config();
        if (config.host().fileBacked()) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "flipctl health",
                    "a host whose root is mounted",
                    "a file-backed one",
                    "boot it: its checks run then, and 'flipctl why' tells what they found");
        }
        invocation.looking(
                host ->
                        show(
                                invocation,
                                invocation.has(TRIAL) ? judge(host, config) : once(host, config)));
    }

    private static Verdict once(HostRuntime host, UpdaterConfig config) {
        Surroundings machine = host.surroundings();
        return new Verdict(
                HealthChecks.load(machine.root(), config.health().folders()).run(machine));
    }

    private static Verdict judge(HostRuntime host, UpdaterConfig config)
            throws FlipsideException, IOException {
        Observation observation = host.coordinator().status().observation();
        if (!observation.system().counted()) {
            return once(host, config);
        }
        Trial.Subject subject =
                new Trial.Subject(
                        observation.system().sequence().orElseThrow(),
                        observation.system().bootId(),
                        observation.bootedRootHash());
        UpdaterConfig.Health health = config.health();
        return host.trial()
                .judge(
                        subject,
                        host.surroundings(),
                        new TrialTerms(health.folders(), health.deadline(), health.soak()),
                        Pace.ofThisMachine(),
                        ofHost(observation, config));
    }

    private static List<HealthResult> ofHost(Observation observation, UpdaterConfig config) {
        OtherEntry other = observation.esp().otherEntry(observation.layout().booted().other());
        List<HealthResult> found = new ArrayList<>();
        HealthResult.ofVar(observation.system().varInMemory(), other == OtherEntry.BOOTABLE)
                .ifPresent(found::add);
        config.policy().misread().map(HealthResult::ofConfiguration).ifPresent(found::add);
        return found;
    }

    private static void show(Invocation invocation, Verdict verdict) throws FlipsideException {
        List<String> lines = new ArrayList<>();
        ArrayNode results = StrictJson.object().putArray("results");
        for (HealthResult result : verdict.results()) {
            String finding = result.finding().code();
            lines.add(
                    "%s  %s"
                            .formatted(
                                    result.failed() ? finding.toUpperCase(Locale.ROOT) : finding,
                                    result.line()));
            results.addObject()
                    .put("name", result.name())
                    .put("passed", result.passed())
                    .put("finding", result.finding().code())
                    .put("evidence", result.evidence());
        }
        if (verdict.results().isEmpty()) {
            lines.add("no health checks");
        }
        ObjectNode node = StrictJson.object().put("healthy", verdict.healthy());
        node.set("results", results);
        invocation.console().result(node, lines);
        if (!verdict.healthy()) {
            throw new FlipsideException(
                    FailureCode.HEALTH_CHECK_FAILED,
                    "health of the release that runs",
                    "every check to pass",
                    String.join("; ", verdict.failures()),
                    "mend what the checks name; a boot on trial is given up by itself");
        }
    }
}
