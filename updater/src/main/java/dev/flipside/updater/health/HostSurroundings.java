package dev.flipside.updater.health;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.ExternalPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The machine that runs. */
public final class HostSurroundings implements Surroundings {
    private static final int MAX_BODY_BYTES = 64 << 10;
    private static final int MAX_OUTPUT_BYTES = 64 << 10;

    private final RootView root;
    private final ExternalPrograms programs;
    private final Question repository;
    private final Question staging;

    /** Something about the updater itself; says what is wrong by failing. */
    @FunctionalInterface
    public interface Question {
        void ask() throws IOException, FlipsideException;
    }

    public HostSurroundings(
            RootView root, ExternalPrograms programs, Question repository, Question staging) {
        this.root = root;
        this.programs = programs;
        this.repository = repository;
        this.staging = staging;
    }

    @Override
    public RootView root() {
        return root;
    }

    @Override
    public List<UnitState> units(List<String> names, Duration timeout) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("systemctl", "show", "--property=" + UnitState.PROPERTIES, "--"));
        command.addAll(names);
        return UnitState.parse(names, systemctl(command, timeout));
    }

    @Override
    public List<String> failedUnits(Duration timeout) throws IOException {
        String output =
                systemctl(
                        List.of(
                                "systemctl",
                                "list-units",
                                "--state=failed",
                                "--plain",
                                "--no-legend",
                                "--no-pager"),
                        timeout);
        return output.lines().map(line -> line.strip().split(" ")[0]).toList();
    }

    private String systemctl(List<String> command, Duration timeout) throws IOException {
        ExternalPrograms.Outcome outcome = outcome(command, timeout);
        if (!outcome.succeeded()) {
            throw new IOException(
                    "%s %s: %s"
                            .formatted(
                                    String.join(" ", command.subList(0, 2)),
                                    outcome.timedOut()
                                            ? "had no answer in time"
                                            : "ended with %d".formatted(outcome.exitCode()),
                                    OneLine.tail(outcome.output() + outcome.errors())));
        }
        return outcome.output();
    }

    @Override
    public Ended run(List<String> command, Duration timeout) throws IOException {
        ExternalPrograms.Outcome outcome = outcome(command, timeout);
        return new Ended(
                outcome.exitCode(), outcome.timedOut(), outcome.output() + outcome.errors());
    }

    private ExternalPrograms.Outcome outcome(List<String> command, Duration timeout)
            throws IOException {
        try {
            return programs.run(
                    ExternalPrograms.Invocation.of(timeout, command)
                            .withMaxOutputBytes(MAX_OUTPUT_BYTES));
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    @Override
    public Reply get(URI url, Duration timeout) throws IOException {
        return within(timeout, () -> reply(url, timeout));
    }

    private static Reply reply(URI url, Duration timeout) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
        try {
            connection.setConnectTimeout((int) timeout.toMillis());
            connection.setReadTimeout((int) timeout.toMillis());
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            int status = connection.getResponseCode();
            try (InputStream in =
                    status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                byte[] body = in == null ? new byte[0] : in.readNBytes(MAX_BODY_BYTES);
                return new Reply(status, new String(body, StandardCharsets.UTF_8));
            }
        } finally {
            connection.disconnect();
        }
    }

    @Override
    public void connect(String host, int port, Duration timeout) throws IOException {
        within(
                timeout,
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
                        return port;
                    }
                });
    }

    @Override
    public void reachRepository(Duration timeout) throws IOException, FlipsideException {
        ask(repository, timeout);
    }

    @Override
    public void readyToStage(Duration timeout) throws IOException, FlipsideException {
        ask(staging, timeout);
    }

    private static void ask(Question question, Duration timeout)
            throws IOException, FlipsideException {
        FlipsideException[] failure = new FlipsideException[1];
        within(
                timeout,
                () -> {
                    try {
                        question.ask();
                    } catch (FlipsideException e) {
                        failure[0] = e;
                    }
                    return failure;
                });
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    /** A server that drips, and a name that nobody resolves, end in time, too. */
    private static <T> T within(Duration timeout, Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        try {
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new IOException("nothing within %d s".formatted(timeout.toSeconds()), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new IOException(String.valueOf(cause.getMessage()), cause);
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted in a check");
    }
}
