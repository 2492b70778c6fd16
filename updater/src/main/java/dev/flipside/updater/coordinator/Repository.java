package dev.flipside.updater.coordinator;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.boot.UkiContent;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.lifecycle.Wanted;
import java.util.Optional;

/** The repository that a host follows, as far as its signatures reach. */
public interface Repository {
    /**
     * Fetches what is new, and checks it.
     *
     * @throws FlipsideException whatever says that the repository cannot be reached or not be
     *     trusted
     */
    Catalogue refresh() throws FlipsideException;

    /** The UKI of a release; its bytes are checked by whoever writes them. */
    UkiContent uki(Candidate.Found release);

    /** What a repository offered when it was asked. */
    interface Catalogue {
        /** What the host's channel says; empty when there is no such channel. */
        Optional<Wanted.Offer> offered() throws FlipsideException;

        /** The release of a version; empty when there is none. */
        Optional<Candidate> find(String version) throws FlipsideException;
    }
}
