package dev.flipside.updater.lifecycle;

import java.util.Objects;
import java.util.Optional;

/**
 * What the operator wants.
 *
 * @param channel the name of the channel that the host follows
 * @param pin the only version that the host may go to
 * @param hold whether the host takes no updates at all
 */
public record Policy(String channel, Optional<String> pin, boolean hold, RebootStrategy reboot) {
    public Policy {
        Objects.requireNonNull(channel);
        Objects.requireNonNull(pin);
        Objects.requireNonNull(reboot);
    }
}
