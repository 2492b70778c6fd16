package dev.flipside.updater.health;

import dev.flipside.failure.Failure;
import java.util.Objects;

/** One question about a release that runs. */
public sealed interface HealthCheck
        permits CommandCheck,
                FileCheck,
                HealthCheck.Unreadable,
                HttpCheck,
                RepositoryCheck,
                StagingCheck,
                TcpCheck,
                UnitsCheck {
    CheckTerms terms();

    /** Answers it; what goes wrong on the way is an answer too. */
    HealthResult run(Surroundings machine);

    default String name() {
        return terms().name();
    }

    /** A check that cannot be understood. It fails: what it was to find out is not known. */
    record Unreadable(CheckTerms terms, Failure failure) implements HealthCheck {
        public Unreadable {
            Objects.requireNonNull(terms);
            Objects.requireNonNull(failure);
        }

        @Override
        public HealthResult run(Surroundings machine) {
            return terms.failed(failure.line());
        }
    }
}
