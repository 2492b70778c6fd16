package dev.flipside.updater.health;

import dev.flipside.updater.health.HealthResult.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Waits until all checks have passed, and then for as long as they must stay so: a service that
 * crashes a minute after the boot is no good one.
 */
final class Soak {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration SOAK_INTERVAL = Duration.ofSeconds(5);
    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(10);

    /** What a check that began in the soak may take beyond its end. */
    private static final Duration GRACE = Duration.ofSeconds(30);

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
        Map<HealthCheck, HealthResult> results = new LinkedHashMap<>();
        Verdict ready = untilAllPass(terms.deadline(), results);
        return ready.healthy() ? soaked(terms.soak(), results) : ready;
    }

    /** A check that has passed is asked again in the soak only. */
    private Verdict untilAllPass(Duration deadline, Map<HealthCheck, HealthResult> results)
            throws IOException {
        Surroundings hurried = new HurriedSurroundings(machine, pace, deadline);
        while (true) {
            for (HealthCheck check : checks) {
                HealthResult before = results.get(check);
                if (before == null || before.failed()) {
                    results.put(
                            check, asked(check, hurried, deadline, Optional.ofNullable(before)));
                }
            }
            Verdict verdict = verdict(results.values(), List.of());
            Duration left = deadline.minus(pace.elapsed());
            if (verdict.healthy() || isHopeless(results) || left.compareTo(Duration.ZERO) <= 0) {
                return verdict;
            }
            pace.pause(left.compareTo(INTERVAL) < 0 ? left : INTERVAL);
        }
    }

    /** Nothing is asked any more once the time is over: what was known then is what counts. */
    private HealthResult asked(
            HealthCheck check, Surroundings hurried, Duration end, Optional<HealthResult> before) {
        if (pace.elapsed().compareTo(end) <= 0) {
            return check.run(hurried);
        }
        return before.orElseGet(
                () ->
                        check.terms()
                                .failed(
                                        "expected an answer within %d s, found that others took all of them"
                                                .formatted(end.toSeconds())));
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

    private Verdict verdict(Collection<HealthResult> results, List<HealthResult> startedAgain) {
        return new Verdict(
                Stream.of(known, results, startedAgain).flatMap(Collection::stream).toList());
    }

    private Verdict soaked(Duration soak, Map<HealthCheck, HealthResult> results)
            throws IOException {
        Duration end = pace.elapsed().plus(soak);
        Duration last = end.plus(GRACE);
        Surroundings hurried = new HurriedSurroundings(machine, pace, last);
        Map<String, Long> counts = new LinkedHashMap<>();
        Verdict verdict = verdict(results.values(), startedAgain(counts, hurried));
        while (verdict.healthy() && pace.elapsed().compareTo(end) < 0) {
            Duration left = end.minus(pace.elapsed());
            pace.pause(left.compareTo(SOAK_INTERVAL) < 0 ? left : SOAK_INTERVAL);
            for (HealthCheck check : checks) {
                results.put(check, asked(check, hurried, last, Optional.of(results.get(check))));
            }
            verdict = verdict(results.values(), startedAgain(counts, hurried));
        }
        return verdict;
    }

    /**
     * The required units that systemd has started again since they were first asked for.
     *
     * @param counts how often each had been started again then; filled by the first call
     */
    private List<HealthResult> startedAgain(Map<String, Long> counts, Surroundings hurried) {
        List<String> units =
                checks.stream()
                        .filter(check -> check.terms().required())
                        .filter(UnitsCheck.class::isInstance)
                        .flatMap(check -> ((UnitsCheck) check).active().stream())
                        .distinct()
                        .toList();
        if (units.isEmpty()) {
            return List.of();
        }
        List<HealthResult> results = new ArrayList<>();
        try {
            for (UnitState unit : hurried.units(units, ASK_TIMEOUT)) {
                Long before = counts.putIfAbsent(unit.name(), unit.restarts());
                if (before != null && unit.restarts() > before) {
                    results.add(startedAgain(unit));
                }
            }
        } catch (IOException e) {
            results.add(
                    new HealthResult(
                            "units in the soak",
                            Finding.FAILED,
                            "expected to ask systemd, found %s".formatted(e.getMessage())));
        }
        return results;
    }

    private static HealthResult startedAgain(UnitState unit) {
        return new HealthResult(
                unit.name(),
                Finding.FAILED,
                "expected it to run through the soak, found it started again (%d times in all)"
                        .formatted(unit.restarts()));
    }
}
