package dev.flipside.platform;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The one place where programs are started: by their argument list and never through a shell, in
 * the locale C.UTF-8, with an end to their time and to their output.
 */
public final class ExternalPrograms {
    private static final Duration PIPE_GRACE = Duration.ofSeconds(2);
    private static final String DEFAULT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

    /**
     * What to start.
     *
     * @param argv the program, looked up in {@code PATH} unless it has a slash, and its arguments
     * @param folder where it runs; the caller's folder when empty
     * @param environment added to {@code PATH}, {@code HOME}, {@code LANG} and {@code LC_ALL},
     *     which are all it gets
     * @param input what it reads on standard input
     * @param charset of its input and its two outputs; ISO 8859-1 gives every byte as one character
     * @param timeout after which it and its children are killed
     * @param maxOutputBytes how much of each of its two outputs is kept; the rest is read and
     *     dropped
     */
    public record Invocation(
            List<String> argv,
            Optional<Path> folder,
            Map<String, String> environment,
            String input,
            Charset charset,
            Duration timeout,
            int maxOutputBytes) {
        private static final int DEFAULT_OUTPUT_BYTES = 1 << 20;

        public Invocation {
            argv = List.copyOf(argv);
            environment = Map.copyOf(environment);
            Objects.requireNonNull(folder);
            Objects.requireNonNull(input);
            Objects.requireNonNull(charset);
            if (argv.isEmpty() || maxOutputBytes < 0 || timeout.isNegative()) {
                throw new IllegalArgumentException("no program, or a limit below zero");
            }
        }

        public static Invocation of(Duration timeout, List<String> argv) {
            return new Invocation(
                    argv,
                    Optional.empty(),
                    Map.of(),
                    "",
                    StandardCharsets.UTF_8,
                    timeout,
                    DEFAULT_OUTPUT_BYTES);
        }

        public Invocation in(Path newFolder) {
            return new Invocation(
                    argv,
                    Optional.of(newFolder),
                    environment,
                    input,
                    charset,
                    timeout,
                    maxOutputBytes);
        }

        public Invocation withEnvironment(Map<String, String> newEnvironment) {
            return new Invocation(
                    argv, folder, newEnvironment, input, charset, timeout, maxOutputBytes);
        }

        public Invocation withInput(String newInput) {
            return new Invocation(
                    argv, folder, environment, newInput, charset, timeout, maxOutputBytes);
        }

        public Invocation withCharset(Charset newCharset) {
            return new Invocation(
                    argv, folder, environment, input, newCharset, timeout, maxOutputBytes);
        }

        public Invocation withMaxOutputBytes(int newMaxOutputBytes) {
            return new Invocation(
                    argv, folder, environment, input, charset, timeout, newMaxOutputBytes);
        }
    }

    /**
     * How it ended.
     *
     * @param exitCode as the program gave it, or 128 and the signal that killed it
     * @param output of its standard output what was kept
     * @param errors the same of its standard error
     * @param timedOut it was killed because its time was over
     * @param truncated it wrote more than was kept
     */
    public record Outcome(
            int exitCode, String output, String errors, boolean timedOut, boolean truncated) {
        public boolean succeeded() {
            return exitCode == 0 && !timedOut;
        }
    }

    private final Map<String, String> base;

    private ExternalPrograms(Map<String, String> base) {
        this.base = base;
    }

    /** Programs of this machine, found through this process's {@code PATH}. */
    public static ExternalPrograms ofThisMachine() {
        return new ExternalPrograms(
                Map.of(
                        "PATH",
                        Objects.requireNonNullElse(System.getenv("PATH"), DEFAULT_PATH),
                        "HOME",
                        Objects.requireNonNullElse(System.getenv("HOME"), "/"),
                        "LANG",
                        "C.UTF-8",
                        "LC_ALL",
                        "C.UTF-8"));
    }

    /**
     * Runs a program to its end.
     *
     * @throws IOException when it cannot be started
     * @throws InterruptedException when the caller was interrupted; the program is killed
     */
    public Outcome run(Invocation invocation) throws IOException, InterruptedException {
        Process process = start(invocation);
        try {
            Drain output = Drain.start(process.getInputStream(), invocation.maxOutputBytes());
            Drain errors = Drain.start(process.getErrorStream(), invocation.maxOutputBytes());
            Thread feeder = feed(process.getOutputStream(), invocation);
            boolean ended = process.waitFor(invocation.timeout().toNanos(), TimeUnit.NANOSECONDS);
            if (!ended) {
                kill(process);
            }
            int exitCode = process.waitFor();
            feeder.join(PIPE_GRACE);
            String outputText = output.finish(PIPE_GRACE, invocation.charset());
            String errorText = errors.finish(PIPE_GRACE, invocation.charset());
            boolean truncated = output.truncated() || errors.truncated();
            return new Outcome(exitCode, outputText, errorText, !ended, truncated);
        } finally {
            kill(process);
        }
    }

    /**
     * Starts a program that stays until it is closed.
     *
     * @param log what it prints on both outputs is added to this file
     * @throws IOException when it cannot be started
     */
    public RunningProgram launch(List<String> argv, Map<String, String> environment, Path log)
            throws IOException {
        ProcessBuilder builder = builder(argv, environment).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return new RunningProgram(builder.start());
    }

    private Process start(Invocation invocation) throws IOException {
        ProcessBuilder builder = builder(invocation.argv(), invocation.environment());
        invocation.folder().ifPresent(folder -> builder.directory(folder.toFile()));
        return builder.start();
    }

    private ProcessBuilder builder(List<String> argv, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(argv);
        builder.environment().clear();
        builder.environment().putAll(base);
        builder.environment().putAll(environment);
        return builder;
    }

    private static Thread feed(OutputStream to, Invocation invocation) {
        return Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try (to) {
                                to.write(invocation.input().getBytes(invocation.charset()));
                            } catch (IOException e) {
                                // A program may end before it has read all of its input; its exit
                                // code says whether that was right.
                                return;
                            }
                        });
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Reads one output of a program to its end, so that the program never waits for us. */
    private static final class Drain {
        private static final int PIECE_BYTES = 8192;

        private final InputStream from;
        private final int maxBytes;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private Thread thread;
        private boolean truncated;

        private Drain(InputStream from, int maxBytes) {
            this.from = from;
            this.maxBytes = maxBytes;
        }

        static Drain start(InputStream from, int maxBytes) {
            Drain drain = new Drain(from, maxBytes);
            drain.thread = Thread.ofPlatform().daemon().start(drain::drain);
            return drain;
        }

        private void drain() {
            byte[] piece = new byte[PIECE_BYTES];
            try {
                for (int read = from.read(piece); read >= 0; read = from.read(piece)) {
                    keep(piece, read);
                }
            } catch (IOException e) {
                // The pipe was closed from our side, after the program had ended or was killed.
                return;
            }
        }

        private synchronized void keep(byte[] piece, int lengthBytes) {
            int room = Math.min(lengthBytes, maxBytes - kept.size());
            kept.write(piece, 0, room);
            truncated |= room < lengthBytes;
        }

        /** A child that outlives the program may hold the pipe open: it is not waited for. */
        String finish(Duration grace, Charset charset) throws InterruptedException {
            thread.join(grace);
            synchronized (this) {
                return kept.toString(charset);
            }
        }

        synchronized boolean truncated() {
            return truncated;
        }
    }
}
