package dev.flipside.updater.daemon;

import dev.flipside.updater.lifecycle.HostSeed;
import dev.flipside.updater.lifecycle.PollSchedule;
import java.time.Instant;
import java.util.Optional;

/** When the timer asks the repository. */
@FunctionalInterface
interface PollTimes {
    /** As the policy has it. */
    PollTimes BY_POLICY =
            (known, now) ->
                    known.last()
                            .map(it -> known.schedule().next(it, now, known.seed()))
                            .orElseGet(() -> known.schedule().first(known.start(), known.seed()));

    /**
     * What the time depends on.
     *
     * @param start of the daemon
     * @param last when it asked last, and never after now; empty after a start
     */
    record Known(PollSchedule schedule, HostSeed seed, Instant start, Optional<Instant> last) {}

    /** When to ask next; may be past. */
    Instant next(Known known, Instant now);
}
