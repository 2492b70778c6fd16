package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs the three commands as users do: each in a process of its own, judged by what it prints. */
final class CommandLine {
    private static final int TIMEOUT_SECONDS = 300;

    private final String name;
    private final String mainClass;
    private final List<String> options;
    private final Map<String, String> environment;
    private final List<String> java;

    private CommandLine(
            String name,
            String mainClass,
            List<String> options,
            Map<String, String> environment,
            List<String> java) {
        this.name = name;
        this.java = List.copyOf(java);
        this.mainClass = mainClass;
        this.options = List.copyOf(options);
        this.environment = Map.copyOf(environment);
    }

    static CommandLine flipsideImage() {
        return of("flipside-image", "dev.flipside.builder.cli.FlipsideImage");
    }

    static CommandLine flipctl() {
        return of("flipctl", "dev.flipside.updater.cli.Flipctl");
    }

    static CommandLine simulatedHost() {
        return of("simulated-host", "dev.flipside.integration.SimulatedHostCommand");
    }

    private static CommandLine of(String name, String mainClass) {
        return new CommandLine(name, mainClass, List.of(), Map.of(), List.of(java().toString()));
    }

    /** The same command under a JVM with further options, and with a changed environment. */
    CommandLine under(List<String> jvmOptions, Map<String, String> variables) {
        return new CommandLine(name, mainClass, jvmOptions, variables, java);
    }

    /** The same command under a JVM that can load libraries of the tool tree. */
    CommandLine withLibrariesOfTheTree(Map<String, String> variables) {
        return new CommandLine(
                name, mainClass, options, variables, Tools.withLibrariesOfTheTree(java()));
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** Writes a program into a folder that runs this command, for scripts. */
    Path writeTo(Path folder) throws IOException {
        Path program = folder.resolve(name);
        String quoted =
                line().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Files.writeString(program, "#!/bin/sh\nexec " + quoted + " \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    /** How a command ended. */
    record Outcome(List<String> line, int exitCode, String out, String err) {
        @Override
        public String toString() {
            return "%s%nexit code %d%n%s%n%s".formatted(String.join(" ", line), exitCode, out, err);
        }
    }

    /** Runs it, and requires exit code 0. */
    String check(Object... arguments) throws IOException {
        Outcome outcome = run(arguments);
        assertEquals(0, outcome.exitCode(), outcome::toString);
        return outcome.out();
    }

    /**
     * Runs it, and requires one line on standard error, with all four parts of a failure, and the
     * exit code of its group.
     */
    String refuses(FailureCode code, Object... arguments) throws IOException {
        Outcome outcome = run(arguments);
        List<String> lines = outcome.err().lines().toList();
        assertEquals(1, lines.size(), outcome::toString);
        String line = lines.getFirst();
        assertTrue(line.startsWith(name + ": "), outcome::toString);
        assertTrue(line.endsWith("[" + code.code() + "]"), outcome::toString);
        assertTrue(line.contains(": expected ") && line.contains(", found "), outcome::toString);
        assertTrue(line.contains("; "), outcome::toString);
        assertEquals(code.group().exitCode(), outcome.exitCode(), outcome::toString);
        return line;
    }

    Outcome run(Object... arguments) throws IOException {
        List<String> line = line();
        for (Object argument : arguments) {
            line.add(argument.toString());
        }
        Path out = Files.createTempFile("flipside-", ".out");
        Path err = Files.createTempFile("flipside-", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(line);
            builder.environment().putAll(environment);
            Process process =
                    builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(
                        String.format(Locale.ROOT, "%s runs for ever: %s", name, line));
            }
            List<String> shown =
                    new ArrayList<>(line.subList(line.indexOf(mainClass), line.size()));
            shown.set(0, name);
            return new Outcome(shown, process.exitValue(), text(out), text(err));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** How a class of ours is started in a process of its own. */
    static List<String> java(String mainClass) {
        return of(mainClass, mainClass).line();
    }

    /** The whole line of a call, for who starts it in another way. */
    List<String> lineOf(Object... arguments) {
        List<String> line = line();
        for (Object argument : arguments) {
            line.add(argument.toString());
        }
        return line;
    }

    private List<String> line() {
        List<String> line = new ArrayList<>(java);
        line.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        line.add("--enable-native-access=ALL-UNNAMED");
        line.addAll(options);
        line.addAll(List.of("-cp", classPath(), mainClass));
        return line;
    }

    /** What users have: without the tests' libraries, of which SLF4J would print about itself. */
    private static String classPath() {
        String tests =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(tests.split(File.pathSeparator))
                .filter(entry -> !entry.contains("slf4j") && !entry.contains("archunit"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
