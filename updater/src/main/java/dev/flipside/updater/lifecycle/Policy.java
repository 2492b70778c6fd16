package dev.flipside.updater.lifecycle;

import dev.flipside.failure.Failure;
import java.util.Objects;
import java.util.Optional;

/**
 * What the operator wants.
 *
 * @param channel the name of the channel that the host follows
 * @param pinned the only version that the host may go to; a pin that has run out is none
 * @param hold whether the host takes no updates at all
 * @param withdrawal what to do when the release that runs was withdrawn
 * @param misread what is wrong with the operator's configuration, where none of it counts
 */
public record Policy(
        String channel,
        Optional<Pin> pinned,
        boolean hold,
        RebootStrategy reboot,
        Timing timing,
        WithdrawalResponse withdrawal,
        Optional<Failure> misread) {
    public Policy {
        Objects.requireNonNull(channel);
        Objects.requireNonNull(pinned);
        Objects.requireNonNull(reboot);
        Objects.requireNonNull(timing);
        Objects.requireNonNull(withdrawal);
        Objects.requireNonNull(misread);
    }

    /** The same of a configuration that was understood. */
    public Policy(
            String channel,
            Optional<Pin> pinned,
            boolean hold,
            RebootStrategy reboot,
            Timing timing,
            WithdrawalResponse withdrawal) {
        this(channel, pinned, hold, reboot, timing, withdrawal, Optional.empty());
    }

    /** The version of the pin. */
    public Optional<String> pin() {
        return pinned.map(Pin::version);
    }
}
