package dev.flipside.updater.daemon;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.ProcessSignals;
import dev.flipside.updater.api.Authorised;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The program {@code flipsided}: keeps a host up to date for as long as it runs.
 *
 * <p>Exit codes: 0 stopped by a signal; 2 wrong usage; 10 to 14 an expected failure at the start,
 * by its group; 70 a bug, after which systemd starts it again.
 */
public final class Flipsided {
    private static final Path DEFAULT_CONFIG = Path.of("/etc/flipside/flipside.toml");
    private static final int EXIT_OK = 0;
    private static final int EXIT_USAGE = 2;
    private static final int EXIT_BUG = 70;

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;
    private final HostOpening opening;
    private final CompletableFuture<Integer> end = new CompletableFuture<>();

    private Flipsided(
            Map<String, String> environment,
            PrintStream out,
            PrintStream err,
            HostOpening opening) {
        this.environment = environment;
        this.out = out;
        this.err = err;
        this.opening = opening;
    }

    public static void main(String[] arguments) {
        System.exit(run(HostOpening.OF_CONFIGURATION, List.of(arguments)));
    }

    /**
     * The program in this process, until it is told to stop.
     *
     * @return its exit code
     */
    public static int run(HostOpening opening, List<String> arguments) {
        return new Flipsided(System.getenv(), System.out, System.err, opening).run(arguments);
    }

    private int run(List<String> arguments) {
        if (arguments.equals(List.of("--help"))) {
            out.println("usage: flipsided [--config FILE]");
            return EXIT_OK;
        }
        boolean named = arguments.size() == 2 && arguments.getFirst().equals("--config");
        if (!arguments.isEmpty() && !named) {
            err.println("flipsided: expected nothing or '--config FILE', found " + arguments);
            return EXIT_USAGE;
        }
        try (DaemonLog log = DaemonLog.open(environment, err);
                Supervisor supervisor = Supervisor.of(environment, ProcessHandle.current().pid())) {
            return supervised(named ? Path.of(arguments.get(1)) : DEFAULT_CONFIG, log, supervisor);
        } catch (IOException e) {
            err.println("flipsided: " + e);
            return FailureCode.IO_FAILED.group().exitCode();
        }
    }

    private int supervised(Path file, DaemonLog log, Supervisor supervisor) throws IOException {
        InstantSource clock = InstantSource.system();
        try {
            Daemon daemon =
                    Daemon.start(
                            progress -> opening.open(file, clock, progress),
                            PollTimes.BY_POLICY,
                            Daemon.BEAT,
                            clock,
                            log,
                            bug -> end.complete(EXIT_BUG));
            ProcessSignals.on(ProcessSignals.Kind.TERM, kind -> end.complete(EXIT_OK));
            ProcessSignals.on(ProcessSignals.Kind.INT, kind -> end.complete(EXIT_OK));
            ProcessSignals.on(ProcessSignals.Kind.HUP, kind -> reload(daemon, log, supervisor));
            supervisor
                    .watchdog()
                    .ifPresent(
                            limit ->
                                    daemon.whileAlive(
                                            limit.dividedBy(2),
                                            () -> told(log, supervisor::alive)));
            supervisor.ready();
            log.write(
                    DaemonLog.Entry.of(
                            DaemonLog.Priority.NOTICE, "start", "ok", "flipsided is ready"));
            int code = end.join();
            told(log, supervisor::stopping);
            daemon.stop();
            return code;
        } catch (FlipsideException e) {
            return failed(log, e.failure());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return EXIT_BUG;
        }
    }

    private static int failed(DaemonLog log, Failure failure) {
        log.write(
                DaemonLog.Entry.of(
                        DaemonLog.Priority.ERROR, "start", failure.code().code(), failure.line()));
        return failure.code().group().exitCode();
    }

    private static void reload(Daemon daemon, DaemonLog log, Supervisor supervisor) {
        told(log, () -> supervisor.reloading(System.nanoTime() / 1000));
        daemon.run(Authorised.reloadBySignal())
                .whenComplete((report, thrown) -> told(log, supervisor::ready));
    }

    /** What is told to systemd. */
    @FunctionalInterface
    private interface Telling {
        void tell() throws IOException;
    }

    private static void told(DaemonLog log, Telling telling) {
        try {
            telling.tell();
        } catch (IOException e) {
            log.write(
                    DaemonLog.Entry.of(
                            DaemonLog.Priority.WARNING, "notify", "io-failed", e.toString()));
        }
    }
}
