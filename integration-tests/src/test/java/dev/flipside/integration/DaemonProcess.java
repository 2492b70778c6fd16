package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A daemon in a process of its own, on a file-backed host, with its log in a file. */
final class DaemonProcess implements AutoCloseable {
    static final String MAIN = "dev.flipside.updater.daemon.Flipsided";

    private static final Duration START = Duration.ofSeconds(60);
    private static final int STOP_SECONDS = 60;

    private final Process process;
    private final Path log;
    private final Path socket;

    private DaemonProcess(Process process, Path log, Path socket) {
        this.process = process;
        this.log = log;
        this.socket = socket;
    }

    /** Starts the daemon of a host, and waits until it listens. */
    static DaemonProcess start(Workbench.Host host) throws IOException {
        DaemonProcess daemon = launch(host, MAIN, Map.of(), "--config", host.configuration());
        daemon.awaitReady();
        return daemon;
    }

    /** Starts a program that is, or becomes, a daemon. */
    static DaemonProcess launch(
            Workbench.Host host, String mainClass, Map<String, String> environment, Object... args)
            throws IOException {
        List<String> line = new ArrayList<>(CommandLine.java(mainClass));
        for (Object argument : args) {
            line.add(argument.toString());
        }
        return launch(host, line, environment);
    }

    /**
     * Starts a daemon by its whole command line, and as systemd does, with no signal ignored: Java
     * leaves those alone that its parent ignores, as under nohup(1).
     */
    static DaemonProcess launch(
            Workbench.Host host, List<String> line, Map<String, String> environment)
            throws IOException {
        // The first poll must not wait for the host's turn.
        Path dropIns = Files.createDirectories(host.folder().resolve("config.d"));
        Files.writeString(dropIns.resolve("polls.toml"), "[policy]\npoll-jitter = \"0s\"\n");
        Path log = Files.createTempFile(host.folder(), "flipsided-", ".log");
        List<String> unignoring = new ArrayList<>(List.of("env", "--default-signal"));
        unignoring.addAll(line);
        ProcessBuilder builder = new ProcessBuilder(unignoring).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().remove("JOURNAL_STREAM");
        Process process = builder.redirectOutput(log.toFile()).start();
        return new DaemonProcess(process, log, socket(host));
    }

    static Path socket(Workbench.Host host) {
        return host.folder().resolve("var/lib/flipside/flipside.sock");
    }

    void awaitReady() {
        Awaitility.await()
                .atMost(START)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !process.isAlive() || text().contains("flipsided is ready"));
        assertTrue(process.isAlive(), this::text);
    }

    /** Waits for the process to end of its own accord. */
    int awaitEnd() throws InterruptedException {
        assertTrue(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS), this::text);
        return process.exitValue();
    }

    /** As systemd stops it. */
    int stop() throws InterruptedException {
        process.destroy();
        return awaitEnd();
    }

    void signal(String name) throws IOException, InterruptedException {
        int exit =
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor();
        assertTrue(exit == 0, "kill -" + name);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    Path socket() {
        return socket;
    }

    /** The body of what its socket answers. */
    String ask(String method, String path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(
                    ByteBuffer.wrap(
                            "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                                    .formatted(method, path)
                                    .getBytes(StandardCharsets.US_ASCII)));
            String answer =
                    new String(
                            Channels.newInputStream(channel).readAllBytes(),
                            StandardCharsets.UTF_8);
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
    }

    String text() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The entries of its log. */
    List<ObjectNode> entries() throws Exception {
        List<ObjectNode> entries = new ArrayList<>();
        for (String line : text().lines().toList()) {
            entries.add(
                    StrictJson.parse(
                            line.getBytes(StandardCharsets.UTF_8),
                            "log",
                            FailureCode.STATE_MALFORMED));
        }
        return entries;
    }

    /** Waits until the log has a text. */
    void awaitLog(String text) {
        awaitLogOrEnd(text);
        assertTrue(text().contains(text), this::text);
    }

    /** Waits until the log has a text, or the process has ended. */
    void awaitLogOrEnd(String text) {
        Awaitility.await()
                .atMost(START)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> text().contains(text) || !process.isAlive());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
