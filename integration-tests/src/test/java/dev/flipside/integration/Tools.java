package dev.flipside.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/**
 * The real tools that judge what Flipside writes: those of the tree that {@code
 * integration-tests/tool-tree} makes ({@link ToolTree}), else the host's. A tool that is missing
 * fails the test.
 */
public final class Tools {
    private Tools() {}

    /** Finds {@code fsck.erofs}, {@code sgdisk}, {@code nginx}, … or fails the running test. */
    public static Tool find(String name) {
        ToolTree tree = ToolTree.ofThisMachine();
        try {
            ToolTree.Program program = tree.require(name);
            return new Tool(program.command(), program.environment());
        } catch (MissingTool e) {
            return Assertions.fail(e.getMessage());
        }
    }

    /** Where files that are costly to make are kept between runs, outside of any checkout. */
    public static Path cachePath() {
        return ToolTree.cachePath();
    }

    /** The tree of tools. */
    static Path treePath() {
        return ToolTree.ofThisMachine().path();
    }

    /** A program of the host, with the C library of the tree, so that it can load the tree's. */
    public static List<String> withLibrariesOfTheTree(Path program) {
        return ToolTree.ofThisMachine().withLibrariesOfTheTree(program).command();
    }

    /** A library in the tree, below {@code usr/lib}. */
    public static Path library(String path) {
        return ToolTree.ofThisMachine().library(path);
    }

    /**
     * A program with what goes before its arguments.
     *
     * @param environment what is added to the environment of the test
     */
    public record Tool(List<String> command, Map<String, String> environment) {
        private static final int TIMEOUT_SECONDS = 300;

        public Tool {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }

        /** Runs to the end; the two output streams come as one text. */
        public Result run(Object... arguments) {
            List<String> line = line(arguments);
            try {
                Path output = Files.createTempFile("flipside-tool-", ".out");
                try {
                    Process process = builder(line).redirectOutput(output.toFile()).start();
                    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                        process.destroyForcibly();
                        return Assertions.fail(line + ": still running after " + TIMEOUT_SECONDS);
                    }
                    return new Result(
                            process.exitValue(),
                            new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
                } finally {
                    Files.delete(output);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(line.toString(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(line.toString(), e);
            }
        }

        /** Runs, fails the test unless the exit code is 0, and gives what was printed. */
        public String check(Object... arguments) {
            Result result = run(arguments);
            Assertions.assertEquals(0, result.exitCode(), () -> line(arguments) + "\n" + result);
            return result.output();
        }

        /** For programs that stay, as servers do. */
        public ProcessBuilder builder(List<String> line) {
            ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
            builder.environment().putAll(environment);
            builder.environment().put("LC_ALL", "C.UTF-8");
            return builder;
        }

        /** The whole command line with these arguments. */
        public List<String> line(Object... arguments) {
            List<String> line = new ArrayList<>(command);
            for (Object argument : arguments) {
                line.add(argument.toString());
            }
            return line;
        }
    }

    /** How a program ended, and all that it printed. */
    public record Result(int exitCode, String output) {}
}
