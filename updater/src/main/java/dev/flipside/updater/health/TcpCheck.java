package dev.flipside.updater.health;

import java.io.IOException;
import java.util.Objects;

/** Somebody listens at a TCP port. */
public record TcpCheck(CheckTerms terms, String host, int port) implements HealthCheck {
    public TcpCheck {
        Objects.requireNonNull(terms);
        Objects.requireNonNull(host);
    }

    @Override
    public HealthResult run(Surroundings machine) {
        try {
            machine.connect(host, port, terms.timeout());
            return terms.passed("%s:%d listens".formatted(host, port));
        } catch (IOException e) {
            return terms.failed(
                    "expected a listener at %s:%d, found %s".formatted(host, port, e.getMessage()));
        }
    }
}
