package dev.flipside.updater.health;

import dev.flipside.updater.health.HealthResult.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Waits until all checks have passed, and then for as long as they must stay so: a service that
 * crashes a minute after the boot is no good one.
 */
final class Soak {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration SOAK_INTERVAL = Duration.ofSeconds(5);
    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(10);

    private final List<HealthCheck> checks;
    private final List<HealthResult> known;
    private final Surroundings machine;
    private final Pace pace;

    /**
     * @param known what the host itself has found, and no waiting changes
     */
    Soak(List<HealthCheck> checks, List<HealthResult> known, Surroundings machine, Pace pace) {
        this.checks = checks;
        this.known = List.copyOf(known);
        this.machine = machine;
        this.pace = pace;
    }

    Verdict judge(TrialTerms terms) throws IOException {
        Verdict ready = untilAllPass(terms.deadline());
        return ready.healthy() ? soaked(ready, terms.soak()) : ready;
    }

    /** A check that has passed is asked again in the soak only. */
    private Verdict untilAllPass(Duration deadline) throws IOException {
        Map<HealthCheck, HealthResult> results = new LinkedHashMap<>();
        while (true) {
            for (HealthCheck check : checks) {
                HealthResult before = results.get(check);
                if (before == null || before.failed()) {
                    results.put(check, check.run(machine));
                }
            }
            Verdict verdict = withKnown(results.values());
            Duration left = deadline.minus(pace.elapsed());
            if (verdict.healthy() || isHopeless(results) || left.compareTo(Duration.ZERO) <= 0) {
                return verdict;
            }
            pace.pause(left.compareTo(INTERVAL) < 0 ? left : INTERVAL);
        }
    }

    /** What cannot be understood does not become clear by waiting. */
    private boolean isHopeless(Map<HealthCheck, HealthResult> results) {
        return known.stream().anyMatch(HealthResult::failed)
                || results.entrySet().stream()
                        .anyMatch(
                                it ->
                                        it.getKey() instanceof HealthCheck.Unreadable
                                                && it.getValue().failed());
    }

    private Verdict withKnown(Collection<HealthResult> results) {
        return new Verdict(Stream.concat(known.stream(), results.stream()).toList());
    }

    private Verdict soaked(Verdict ready, Duration soak) throws IOException {
        Duration end = pace.elapsed().plus(soak);
        Map<String, Long> restarts = restarts();
        Verdict verdict = ready;
        while (verdict.healthy() && pace.elapsed().compareTo(end) < 0) {
            Duration left = end.minus(pace.elapsed());
            pace.pause(left.compareTo(SOAK_INTERVAL) < 0 ? left : SOAK_INTERVAL);
            List<HealthResult> results = new ArrayList<>();
            checks.forEach(check -> results.add(check.run(machine)));
            restarts()
                    .forEach(
                            (unit, count) -> {
                                if (count > restarts.getOrDefault(unit, count)) {
                                    results.add(startedAgain(unit, count));
                                }
                            });
            verdict = withKnown(results);
        }
        return verdict;
    }

    private static HealthResult startedAgain(String unit, long count) {
        return new HealthResult(
                unit,
                Finding.FAILED,
                "expected it to run through the soak, found it started again (%d times in all)"
                        .formatted(count));
    }

    /** How often the units that are required were started again. */
    private Map<String, Long> restarts() {
        List<String> units =
                checks.stream()
                        .filter(check -> check.terms().required())
                        .filter(UnitsCheck.class::isInstance)
                        .flatMap(check -> ((UnitsCheck) check).active().stream())
                        .distinct()
                        .toList();
        Map<String, Long> restarts = new LinkedHashMap<>();
        try {
            if (!units.isEmpty()) {
                machine.units(units, ASK_TIMEOUT)
                        .forEach(unit -> restarts.put(unit.name(), unit.restarts()));
            }
        } catch (IOException e) {
            // The check of these units asks the same, and fails with it.
            return Map.of();
        }
        return restarts;
    }
}
