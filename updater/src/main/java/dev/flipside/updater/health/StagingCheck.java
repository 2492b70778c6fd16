package dev.flipside.updater.health;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.util.Objects;

/** Another update could be written: a release that cannot be left again is not good. */
public record StagingCheck(CheckTerms terms) implements HealthCheck {
    public StagingCheck {
        Objects.requireNonNull(terms);
    }

    @Override
    public HealthResult run(Surroundings machine) {
        try {
            machine.readyToStage(terms.timeout());
            return terms.passed("another update could be written");
        } catch (IOException e) {
            return terms.failed("expected disk, ESP and state, found %s".formatted(e.getMessage()));
        } catch (FlipsideException e) {
            return terms.failed(e.failure().line());
        }
    }
}
