package dev.flipside.updater.health;

import dev.flipside.updater.health.HealthResult.Finding;
import java.time.Duration;
import java.util.Objects;

/**
 * What every check has.
 *
 * @param name what reports call it
 * @param required whether it undoes a release; a wanted check only reports
 * @param timeout how long one run may take
 */
public record CheckTerms(String name, boolean required, Duration timeout) {
    public CheckTerms {
        Objects.requireNonNull(name);
        Objects.requireNonNull(timeout);
    }

    HealthResult passed(String evidence) {
        return new HealthResult(name, Finding.PASSED, evidence);
    }

    HealthResult failed(String evidence) {
        return new HealthResult(name, required ? Finding.FAILED : Finding.INDETERMINATE, evidence);
    }
}
