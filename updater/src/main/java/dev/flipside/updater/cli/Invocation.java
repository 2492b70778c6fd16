package dev.flipside.updater.cli;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FolderLock;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.operation.Operation;
import dev.flipside.updater.operation.Operations;
import dev.flipside.updater.operation.ProgressJson;
import dev.flipside.updater.operation.Query;
import dev.flipside.updater.operation.Report;
import dev.flipside.updater.slot.Progress;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * One run of a command: what was asked, of which host, and where the answer goes. Where the host's
 * daemon listens, it does the work; else this process does, for as long as the command runs.
 */
record Invocation(Arguments arguments, Path configFile, Console console, InstantSource clock) {

    /** What a command does with a host. */
    @FunctionalInterface
    interface Work {
        void run(HostRuntime host) throws FlipsideException, IOException;
    }

    UpdaterConfig config() throws FlipsideException {
        return ConfigFile.loadToRun(configFile);
    }

    /** A positional parameter, if it was given. */
    Optional<String> argument() {
        return arguments.positional();
    }

    /** The value of an option, if it was given. */
    Optional<String> option(String name) {
        return arguments.option(name);
    }

    boolean has(String option) {
        return arguments.has(option);
    }

    Path socket() throws FlipsideException {
        return config().daemon().socket();
    }

    /** The daemon of the host; empty when none listens. */
    Optional<DaemonSocket> daemon() throws FlipsideException {
        return DaemonSocket.find(socket());
    }

    Report ask(Query query) throws FlipsideException, IOException {
        Optional<DaemonSocket> daemon = daemon();
        if (daemon.isPresent()) {
            return daemon.get().get(query.code());
        }
        try (HostRuntime host = open(standing -> {})) {
            return query.answer(host.coordinator());
        }
    }

    Report run(Operation operation) throws FlipsideException, IOException {
        Optional<DaemonSocket> daemon = daemon();
        StagingProgress progress = new StagingProgress(console, clock);
        if (daemon.isEmpty()) {
            try (HostRuntime host = open(progress);
                    FolderLock _ = host.lock()) {
                return new Operations(host.coordinator()).run(operation);
            }
        }
        try (DaemonSocket.Events events = daemon.get().events()) {
            events.inBackground(
                    event -> {
                        if (event.path("event").asText().equals("progress")) {
                            ProgressJson.read(event).ifPresent(progress::at);
                        }
                    });
            return daemon.get().post(operation.name(), operation.body());
        }
    }

    /** For commands that look at the machine itself. */
    void looking(Work work) throws FlipsideException, IOException {
        try (HostRuntime host = open(standing -> {})) {
            work.run(host);
        }
    }

    private HostRuntime open(Progress progress) throws FlipsideException {
        return HostRuntime.open(config(), clock, progress);
    }
}
