package dev.flipside.updater.coordinator;

import dev.flipside.failure.FlipsideException;

/** The machine's reset. */
@FunctionalInterface
public interface Power {
    /**
     * Restarts the machine.
     *
     * @return false on a host whose machine is somebody else's to restart
     */
    boolean reboot() throws FlipsideException;
}
