package dev.flipside.updater.health;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.health.HealthResult.Finding;
import java.io.IOException;
import java.util.Objects;

/**
 * The repository answers. Never fails: an outage elsewhere says nothing about the release, and must
 * undo it nowhere.
 */
public record RepositoryCheck(CheckTerms terms) implements HealthCheck {
    public RepositoryCheck {
        Objects.requireNonNull(terms);
    }

    @Override
    public HealthResult run(Surroundings machine) {
        try {
            machine.reachRepository(terms.timeout());
            return terms.passed("the repository answers");
        } catch (IOException e) {
            return new HealthResult(name(), Finding.INDETERMINATE, String.valueOf(e.getMessage()));
        } catch (FlipsideException e) {
            return new HealthResult(name(), Finding.INDETERMINATE, e.failure().line());
        }
    }
}
