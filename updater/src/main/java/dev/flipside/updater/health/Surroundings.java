package dev.flipside.updater.health;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The machine as health checks see it. Whatever is asked ends in the time that it is given, and
 * answers with a bounded number of bytes; what cannot be asked is an {@link IOException}.
 */
public interface Surroundings {
    /** The file system of the release that was booted. */
    RootView root();

    /** How units stand, in the order of their names. */
    List<UnitState> units(List<String> names, Duration timeout) throws IOException;

    /** The names of all units that have failed. */
    List<String> failedUnits(Duration timeout) throws IOException;

    /** Runs a program to its end. */
    Ended run(List<String> command, Duration timeout) throws IOException;

    /** Asks an HTTP server, without following where it leads. */
    Reply get(URI url, Duration timeout) throws IOException;

    /** Makes a connection, and closes it. */
    void connect(String host, int port, Duration timeout) throws IOException;

    /** Asks the repository for something small. */
    void reachRepository(Duration timeout) throws IOException, FlipsideException;

    /** Looks whether another update could be written; writes nothing. */
    void readyToStage(Duration timeout) throws IOException, FlipsideException;

    /**
     * How a program ended.
     *
     * @param output of both its outputs what was kept
     */
    record Ended(int exitCode, boolean timedOut, String output) {}

    /** What a server said. */
    record Reply(int status, String body) {}
}
