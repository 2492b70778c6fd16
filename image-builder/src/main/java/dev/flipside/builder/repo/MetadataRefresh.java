package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Role;
import java.io.IOException;

/**
 * {@code repo refresh}: snapshot and timestamp are signed anew, so that they stay fresh. All that a
 * host with the online keys does; it also completes a rotation that was cut off.
 */
public final class MetadataRefresh {
    private MetadataRefresh() {}

    /**
     * @throws FlipsideException {@code key-missing}, {@code repository-busy}
     */
    public static RepositoryVerification.Freshness run(Publisher publisher)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.openToRefresh(publisher)) {
            // Targets keys are only of use after a rotation that was cut off.
            RepositoryKeys keys =
                    RepositoryKeys.read(
                            publisher.keys(), Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            return switch (writer.refresh(keys)) {
                case Outcome.Published published ->
                        RepositoryVerification.Freshness.of(published.metadata());
                case Outcome.Proposed proposed ->
                        throw new IllegalStateException("a refresh is never proposed: " + proposed);
            };
        }
    }
}
