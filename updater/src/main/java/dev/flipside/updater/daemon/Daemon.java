package dev.flipside.updater.daemon;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.FolderLock;
import dev.flipside.updater.api.ApiServer;
import dev.flipside.updater.api.Authorised;
import dev.flipside.updater.api.Desk;
import dev.flipside.updater.api.Request;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.metrics.Counters;
import dev.flipside.updater.metrics.MetricsText;
import dev.flipside.updater.operation.Operation;
import dev.flipside.updater.operation.Operations;
import dev.flipside.updater.operation.Query;
import dev.flipside.updater.operation.Report;
import dev.flipside.updater.slot.Progress;
import dev.flipside.updater.source.OneLoop;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The updater of one host, put together by hand, for as long as the host runs.
 *
 * <p>Three threads: one that changes the host; one that answers questions about it; and one that
 * waits for who asks, from the first question on the event loop, which waits for nobody. A fourth
 * tells systemd that all is well. Invariants: it holds the host's lock from before its first step
 * to after its last; and it may be killed at any moment, as all that it must remember is in the
 * journal.
 */
final class Daemon implements Desk {
    /** How long it waits between two looks at what is due. */
    static final Duration BEAT = Duration.ofSeconds(5);

    /** All waits of a source and of an external program are far shorter. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(15);

    private static final Duration STOP_STEP = Duration.ofSeconds(2);
    private static final Duration STOP_REST = Duration.ofSeconds(20);
    private static final int MAX_QUESTIONS = 32;

    private final Opening opening;
    private final InstantSource clock;
    private final DaemonLog log;
    private final Consumer<Throwable> onBug;
    private final Counters counters = new Counters();
    private final Feed feed;
    private final CoordinatorThread thread;
    private final ThreadPoolExecutor questions;
    private final CountDownLatch released = new CountDownLatch(1);
    private final FolderLock lock;
    private ApiServer api;
    private volatile HostRuntime host;

    /** How the host is opened: once at the start, and again when its configuration is read anew. */
    @FunctionalInterface
    interface Opening {
        HostRuntime open(Progress progress) throws FlipsideException;
    }

    private Daemon(
            Opening opening,
            PollTimes times,
            Duration beat,
            InstantSource clock,
            DaemonLog log,
            Consumer<Throwable> onBug)
            throws FlipsideException {
        this.opening = opening;
        this.clock = clock;
        this.log = log;
        this.feed = new Feed(log, counters);
        this.onBug =
                bug -> {
                    feed.bug(bug);
                    onBug.accept(bug);
                };
        this.host = opening.open(feed);
        this.lock = host.lock();
        Rounds rounds =
                new Rounds(this::changing, () -> host.config(), times, clock, feed, counters);
        this.thread = new CoordinatorThread(rounds::beat, beat, LONGEST_SILENCE, this.onBug);
        this.questions =
                new ThreadPoolExecutor(
                        1,
                        1,
                        1,
                        TimeUnit.MINUTES,
                        new ArrayBlockingQueue<>(MAX_QUESTIONS),
                        work -> Thread.ofPlatform().daemon().name("questions").unstarted(work));
    }

    /**
     * Starts; when it returns, the socket listens.
     *
     * @param onBug is told what ended the coordinator's thread, if a bug does
     * @throws FlipsideException {@code updater-busy} when another updater works on the host
     */
    static Daemon start(
            Opening opening,
            PollTimes times,
            Duration beat,
            InstantSource clock,
            DaemonLog log,
            Consumer<Throwable> onBug)
            throws FlipsideException {
        Daemon daemon = new Daemon(opening, times, beat, clock, log, onBug);
        try {
            daemon.begin();
            return daemon;
        } catch (FlipsideException e) {
            daemon.release();
            throw e;
        }
    }

    private void begin() throws FlipsideException {
        host.config()
                .policy()
                .misread()
                .ifPresent(failure -> feed.failed("configuration", failure));
        changing().recover(failure -> feed.failed("load-state", failure));
        UpdaterConfig.Daemon config = host.config().daemon();
        api = ApiServer.start(config, this, OneLoop::start, onBug);
        if (!api.readable() && !config.readerGroup().isEmpty()) {
            feed.note(
                    "socket",
                    "root-only",
                    "there is no group '%s': root alone may ask".formatted(config.readerGroup()));
        }
        feed.to(api::publish, thread::sign);
        thread.start();
    }

    /** For the coordinator's thread alone. */
    private Coordinator changing() {
        return host.coordinator(feed);
    }

    /** Has a task run at regular times, for as long as both loops turn. */
    void whileAlive(Duration every, Runnable task) {
        Thread.ofPlatform().name("watchdog").daemon().start(() -> untilReleased(every, task));
    }

    private void untilReleased(Duration every, Runnable task) {
        try {
            while (!released.await(every.toNanos(), TimeUnit.NANOSECONDS)) {
                if (thread.alive() && api.alive()) {
                    task.run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public CompletionStage<Report> ask(Query query) {
        return question(() -> query.answer(host.coordinator()));
    }

    @Override
    public CompletionStage<String> metrics() {
        return question(
                () ->
                        MetricsText.of(
                                host.coordinator().status(), counters.snapshot(), clock.instant()));
    }

    private <T> CompletionStage<T> question(Work<T> work) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            questions.execute(
                    () -> {
                        try {
                            answer.complete(work.run());
                        } catch (FlipsideException | RuntimeException | Error e) {
                            answer.completeExceptionally(e);
                        }
                    });
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(
                    new FlipsideException(
                            FailureCode.UPDATER_BUSY,
                            "flipsided",
                            "at most %d questions at once".formatted(MAX_QUESTIONS),
                            "more",
                            "ask again later"));
        }
        return answer;
    }

    @Override
    public CompletionStage<Report> run(Authorised authorised) {
        try {
            return thread.submit(
                    () -> {
                        feed.begin();
                        feed.note(
                                "request",
                                authorised.request().name(),
                                "%s, by %s"
                                        .formatted(authorised.request().name(), authorised.by()));
                        return switch (authorised.request()) {
                            case Request.Change(Operation operation) -> run(operation);
                            case Request.Reload() -> reload();
                        };
                    });
        } catch (FlipsideException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Report run(Operation operation) throws FlipsideException {
        try {
            return new Operations(changing()).run(operation);
        } catch (FlipsideException e) {
            if (e.failure().code() != FailureCode.UPDATE_HELD) {
                feed.failed(operation.name(), e.failure());
            }
            throw e;
        }
    }

    /** Between two tasks: what is under way keeps what it began with. */
    private Report reload() throws FlipsideException {
        HostRuntime before = host;
        HostRuntime after = opening.open(feed);
        Optional<Failure> misread = after.config().policy().misread();
        if (misread.isPresent()) {
            after.close();
            throw new FlipsideException(misread.get());
        }
        if (!after.config().host().equals(before.config().host())
                || !after.config().daemon().equals(before.config().daemon())) {
            after.close();
            throw new FlipsideException(
                    FailureCode.CONFIG_INVALID,
                    after.config().file().toString(),
                    "[host] and [daemon] as they were at the start",
                    "another value",
                    "restart the daemon to change them: systemctl restart flipsided");
        }
        host = after;
        before.close();
        feed.note("reload", "ok", "the configuration was read again");
        return new Report(
                StrictJson.object().put("reloaded", true),
                List.of("the configuration was read again"));
    }

    @Override
    public void droppedClient() {
        counters.droppedClient();
        feed.note("events", "dropped", "a client of the event stream does not read");
    }

    /** Where the scraper finds the metrics, if it does. */
    ApiServer api() {
        return api;
    }

    /** Stops, whatever is under way; what is not done is done after the next start. */
    void stop() throws InterruptedException {
        boolean ended = thread.stop(STOP_STEP);
        if (!ended) {
            // What waits for a server waits no longer.
            host.close();
            ended = thread.stop(STOP_REST);
        }
        if (ended) {
            settle();
        }
        feed.note("stop", ended ? "ok" : "unfinished", "flipsided stops");
        release();
    }

    /** What was broken off is written down as that, for who looks while no daemon runs. */
    private void settle() {
        try {
            changing().afterBoot();
        } catch (FlipsideException e) {
            feed.failed("stop", e.failure());
        }
    }

    private void release() {
        released.countDown();
        questions.shutdownNow();
        try {
            if (api != null) {
                api.close();
            }
            lock.close();
        } catch (IOException e) {
            log.write(
                    DaemonLog.Entry.of(
                            DaemonLog.Priority.WARNING, "stop", "io-failed", e.toString()));
        }
        host.close();
    }
}
