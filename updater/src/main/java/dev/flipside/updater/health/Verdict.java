package dev.flipside.updater.health;

import java.util.List;

/** What all checks together found. */
public record Verdict(List<HealthResult> results) {
    public Verdict {
        results = List.copyOf(results);
    }

    public boolean healthy() {
        return results.stream().noneMatch(HealthResult::failed);
    }

    /** One line for each check that failed. */
    public List<String> failures() {
        return results.stream().filter(HealthResult::failed).map(HealthResult::line).toList();
    }
}
