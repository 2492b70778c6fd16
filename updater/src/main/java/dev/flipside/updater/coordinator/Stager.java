package dev.flipside.updater.coordinator;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.lifecycle.Candidate;
import java.io.IOException;

/** Steps 3 and 4 of an update: writes a release to the inactive slot, and reads it back. */
public interface Stager {
    /**
     * Returns when the slot holds the release, proven. Can be called again after a crash, and then
     * finds what it has written.
     */
    Written write(Candidate.Found release, HostLayout layout, BlockDevice disk)
            throws IOException, FlipsideException;

    /** What it took. */
    record Written(long fetchedBytes, long reusedBytes, long writtenBytes) {}
}
