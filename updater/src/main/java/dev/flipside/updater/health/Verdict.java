package dev.flipside.updater.health;

import java.util.List;

/** What all checks together found. */
public record Verdict(List<HealthResult> results) {
    public Verdict {
        results = List.copyOf(results);
    }

    public boolean healthy() {
        return results.stream().allMatch(HealthResult::passed);
    }

    /** One line for each check that failed. */
    public List<String> failures() {
        return results.stream().filter(it -> !it.passed()).map(HealthResult::line).toList();
    }
}
