package dev.flipside.updater.health;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A machine whose units, servers and programs do as a test says, and whose time passes at will. */
public final class FakeMachine implements Surroundings, Pace {
    private final RootView root;
    final Map<String, UnitState> units = new TreeMap<>();
    final Map<String, Ended> programs = new HashMap<>();
    final Map<Duration, Runnable> later = new TreeMap<>();
    final List<String> ran = new ArrayList<>();
    Optional<Reply> reply = Optional.empty();
    boolean stages = true;
    boolean systemdAnswers = true;

    /** How long each program takes, unless it is given less. */
    Duration programTime = Duration.ZERO;

    private Duration now = Duration.ZERO;

    public FakeMachine(RootView root) {
        this.root = root;
    }

    void unit(String name, String active, long restarts) {
        units.put(name, new UnitState(name, "loaded", active, "sub", restarts));
    }

    @Override
    public RootView root() {
        return root;
    }

    @Override
    public List<UnitState> units(List<String> names, Duration timeout) throws IOException {
        if (!systemdAnswers) {
            throw new IOException("no bus");
        }
        return names.stream()
                .map(
                        name ->
                                units.getOrDefault(
                                        name,
                                        new UnitState(name, "not-found", "inactive", "dead", 0)))
                .toList();
    }

    @Override
    public List<String> failedUnits(Duration timeout) {
        return units.values().stream()
                .filter(unit -> unit.active().equals("failed"))
                .map(UnitState::name)
                .toList();
    }

    @Override
    public Ended run(List<String> command, Duration timeout) throws IOException {
        ran.add(String.join(" ", command));
        pause(programTime.compareTo(timeout) < 0 ? programTime : timeout);
        Ended ended = programs.get(command.getFirst());
        if (ended == null) {
            throw new IOException("no such program");
        }
        return ended;
    }

    @Override
    public Reply get(URI url, Duration timeout) throws IOException {
        return reply.orElseThrow(() -> new IOException("connection refused"));
    }

    @Override
    public void connect(String host, int port, Duration timeout) throws IOException {
        if (reply.isEmpty()) {
            throw new IOException("connection refused");
        }
    }

    @Override
    public void reachRepository(Duration timeout) throws FlipsideException {
        throw new FlipsideException(
                FailureCode.SOURCE_UNREACHABLE, "http://r", "an answer", "none", "wait");
    }

    @Override
    public void readyToStage(Duration timeout) throws IOException {
        if (!stages) {
            throw new IOException("a read-only ESP");
        }
    }

    @Override
    public Duration elapsed() {
        return now;
    }

    @Override
    public void pause(Duration duration) {
        now = now.plus(duration);
        later.entrySet().stream()
                .filter(it -> it.getKey().compareTo(now) <= 0)
                .forEach(it -> it.getValue().run());
        later.keySet().removeIf(it -> it.compareTo(now) <= 0);
    }
}
