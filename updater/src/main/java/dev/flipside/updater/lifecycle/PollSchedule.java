package dev.flipside.updater.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a host asks its repository again. No two hosts ask at the same moments, and no host asks in
 * the same order every time: the jitter comes from the host's seed and the time of the last poll.
 *
 * @param interval between two polls, at least
 * @param jitter what is added at most
 */
public record PollSchedule(Duration interval, Duration jitter) {
    public PollSchedule {
        if (!interval.isPositive() || jitter.isNegative()) {
            throw new IllegalArgumentException("a poll every %s + %s".formatted(interval, jitter));
        }
    }

    /**
     * When to ask after a start, be it of one host or of all of them after an outage.
     *
     * @param seed the host's own
     */
    public Instant first(Instant start, HostSeed seed) {
        return start.plus(share(start, seed));
    }

    /**
     * When to ask next.
     *
     * @param last when the host asked last, by a clock that may have been set since
     * @return never later than interval and jitter from now, so that a clock that jumped back keeps
     *     no host from asking; may be past
     */
    public Instant next(Instant last, Instant now, HostSeed seed) {
        Instant from = last.isAfter(now) ? now : last;
        return from.plus(interval).plus(share(last, seed));
    }

    /**
     * When to look again, where a decision waits for a moment: as planned, or when that is earlier,
     * within the jitter after that moment, as a window opens for many hosts at once.
     *
     * @param notBefore as a {@link Decision.Hold} has it
     */
    public Instant wake(Instant planned, Optional<Instant> notBefore, HostSeed seed) {
        return notBefore
                .map(moment -> moment.plus(share(moment, seed)))
                .filter(planned::isAfter)
                .orElse(planned);
    }

    private Duration share(Instant of, HostSeed seed) {
        return Duration.ofMillis((long) (jitter.toMillis() * seed.share("poll/" + of)));
    }
}
