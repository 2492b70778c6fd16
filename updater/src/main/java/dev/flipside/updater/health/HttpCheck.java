package dev.flipside.updater.health;

import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A server answers.
 *
 * @param status the only one that is good; any of 2xx when empty
 * @param contains text that must stand in the first 64 KiB
 */
public record HttpCheck(CheckTerms terms, URI url, OptionalInt status, Optional<String> contains)
        implements HealthCheck {
    public HttpCheck {
        Objects.requireNonNull(terms);
        Objects.requireNonNull(url);
        Objects.requireNonNull(status);
        Objects.requireNonNull(contains);
    }

    @Override
    public HealthResult run(Surroundings machine) {
        try {
            Surroundings.Reply reply = machine.get(url, terms.timeout());
            boolean good =
                    status.isPresent()
                            ? reply.status() == status.getAsInt()
                            : reply.status() / 100 == 2;
            if (!good) {
                return terms.failed(
                        "expected status %s of %s, found %d: %s"
                                .formatted(
                                        status.isPresent() ? "" + status.getAsInt() : "2xx",
                                        url,
                                        reply.status(),
                                        OneLine.tail(reply.body())));
            }
            return contains.isPresent() && !reply.body().contains(contains.get())
                    ? terms.failed(
                            "expected '%s' of %s, found '%s'"
                                    .formatted(contains.get(), url, OneLine.tail(reply.body())))
                    : terms.passed("%s says %d".formatted(url, reply.status()));
        } catch (IOException e) {
            return terms.failed(
                    "expected an answer of %s, found %s".formatted(url, e.getMessage()));
        }
    }
}
