package dev.flipside.updater.daemon;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.slot.Progress;
import dev.flipside.updater.wiring.HostRuntime;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * How the daemon opens its host: once at the start, and again when its configuration is read anew.
 */
@FunctionalInterface
public interface HostOpening {
    /** The host that the configuration names. */
    HostOpening OF_CONFIGURATION =
            (configuration, clock, progress) ->
                    HostRuntime.open(ConfigFile.loadToRun(configuration), clock, progress);

    /**
     * @param configuration the file to read
     * @param progress is told how far staging is
     */
    HostRuntime open(Path configuration, InstantSource clock, Progress progress)
            throws FlipsideException;
}
