package dev.flipside.integration;

import dev.flipside.updater.health.RootView;
import dev.flipside.updater.health.Surroundings;
import dev.flipside.updater.health.UnitState;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** A machine that has files, and nothing that runs: only checks of files can pass on it. */
record SimulatedSurroundings(RootView root) implements Surroundings {
    @Override
    public List<UnitState> units(List<String> names, Duration timeout) throws IOException {
        throw nothingRuns();
    }

    @Override
    public List<String> failedUnits(Duration timeout) throws IOException {
        throw nothingRuns();
    }

    @Override
    public Ended run(List<String> command, Duration timeout) throws IOException {
        throw nothingRuns();
    }

    @Override
    public Reply get(URI url, Duration timeout) throws IOException {
        throw nothingRuns();
    }

    @Override
    public void connect(String host, int port, Duration timeout) throws IOException {
        throw nothingRuns();
    }

    @Override
    public void reachRepository(Duration timeout) throws IOException {
        throw nothingRuns();
    }

    @Override
    public void readyToStage(Duration timeout) throws IOException {
        throw nothingRuns();
    }

    private static IOException nothingRuns() {
        return new IOException("a simulated host, on which nothing runs");
    }
}
