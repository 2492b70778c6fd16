package dev.flipside.updater.coordinator;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.lifecycle.Wanted;
import dev.flipside.updater.source.Source;
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

    /** Sends a range of a release's UKI; its bytes are checked by whoever writes them. */
    void fetchUki(Candidate.Found release, long offsetBytes, long sizeBytes, Source.Sink sink)
            throws FlipsideException;

    /**
     * Says that what came of a UKI is not what it should be.
     *
     * @return whether it makes sense to ask for it again, perhaps elsewhere; a bounded number of
     *     times it does
     */
    default boolean refused(Failure failure) throws FlipsideException {
        return false;
    }

    /** What a repository offered when it was asked. */
    interface Catalogue {
        /** What the host's channel says; empty when there is no such channel. */
        Optional<Wanted.Offer> offered() throws FlipsideException;

        /** The release of a version; empty when there is none. */
        Optional<Candidate> find(String version) throws FlipsideException;
    }
}
