package dev.flipside.updater.health;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A machine that is asked until some moment: what would take longer is given only the time that is
 * left. However many checks there are, and however long each may take, a trial ends in time.
 *
 * @param end by {@code pace}
 */
record HurriedSurroundings(Surroundings machine, Pace pace, Duration end) implements Surroundings {
    /** What is asked at the last moment is still asked. */
    private static final Duration LEAST = Duration.ofSeconds(1);

    HurriedSurroundings {
        Objects.requireNonNull(machine);
        Objects.requireNonNull(pace);
        Objects.requireNonNull(end);
    }

    private Duration atMost(Duration timeout) {
        Duration left = end.minus(pace.elapsed());
        Duration least = left.compareTo(LEAST) < 0 ? LEAST : left;
        return timeout.compareTo(least) < 0 ? timeout : least;
    }

    @Override
    public RootView root() {
        return machine.root();
    }

    @Override
    public List<UnitState> units(List<String> names, Duration timeout) throws IOException {
        return machine.units(names, atMost(timeout));
    }

    @Override
    public List<String> failedUnits(Duration timeout) throws IOException {
        return machine.failedUnits(atMost(timeout));
    }

    @Override
    public Ended run(List<String> command, Duration timeout) throws IOException {
        return machine.run(command, atMost(timeout));
    }

    @Override
    public Reply get(URI url, Duration timeout) throws IOException {
        return machine.get(url, atMost(timeout));
    }

    @Override
    public void connect(String host, int port, Duration timeout) throws IOException {
        machine.connect(host, port, atMost(timeout));
    }

    @Override
    public void reachRepository(Duration timeout) throws IOException, FlipsideException {
        machine.reachRepository(atMost(timeout));
    }

    @Override
    public void readyToStage(Duration timeout) throws IOException, FlipsideException {
        machine.readyToStage(atMost(timeout));
    }
}
