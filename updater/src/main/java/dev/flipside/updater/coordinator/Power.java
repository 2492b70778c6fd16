package dev.flipside.updater.coordinator;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;

/** The machine's reset. */
@FunctionalInterface
public interface Power {
    /**
     * Restarts the machine.
     *
     * @return false on a host whose machine is somebody else's to restart
     */
    boolean reboot() throws FlipsideException;

    /**
     * Says to whoever reboots this machine that it is time to, or that it is not any more. Where
     * nobody looks, nothing happens.
     */
    default void announce(boolean wanted) throws IOException {}
}
