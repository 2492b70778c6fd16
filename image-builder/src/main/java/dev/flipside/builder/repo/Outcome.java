package dev.flipside.builder.repo;

import dev.flipside.tuf.TrustedMetadata.Complete;
import java.util.List;

/** What became of a change to a repository. */
public sealed interface Outcome {

    /** Hosts find it from now on. */
    record Published(Complete metadata) implements Outcome {}

    /**
     * It waits for signatures; hosts find what they found before.
     *
     * @param payloads what has to be signed, as paths in the repository
     * @param missing which thresholds are not met yet
     */
    record Proposed(List<String> payloads, List<String> missing) implements Outcome {
        public Proposed {
            payloads = List.copyOf(payloads);
            missing = List.copyOf(missing);
        }
    }
}
