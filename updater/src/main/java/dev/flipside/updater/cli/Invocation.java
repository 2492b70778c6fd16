package dev.flipside.updater.cli;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FolderLock;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** One run of a command: what was asked, of which host, and where the answer goes. */
record Invocation(ParseResult options, Path configFile, Console console, InstantSource clock) {

    /** What a command does with a host. */
    @FunctionalInterface
    interface Work {
        void run(HostRuntime host) throws FlipsideException, IOException;
    }

    UpdaterConfig config() throws FlipsideException {
        return ConfigFile.load(configFile);
    }

    /** A positional parameter, if it was given. */
    Optional<String> argument() {
        return Optional.ofNullable(options.matchedPositionalValue(0, (String) null));
    }

    boolean has(String option) {
        return options.hasMatchedOption(option);
    }

    /** For commands that look and change nothing. */
    void looking(Work work) throws FlipsideException, IOException {
        try (HostRuntime host =
                HostRuntime.open(config(), clock, new StagingProgress(console, clock))) {
            work.run(host);
        }
    }

    /** For commands that change the host: alone. */
    void changing(Work work) throws FlipsideException, IOException {
        looking(
                host -> {
                    try (FolderLock _ = host.lock()) {
                        work.run(host);
                    }
                });
    }
}
