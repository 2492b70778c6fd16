package dev.flipside.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/**
 * The real tools that judge what Flipside writes: those of the tree that {@code
 * integration-tests/tool-tree} makes, else the host's. A tool that is missing fails the test.
 *
 * <p>The tree's programs run in place through the tree's own loader, so they see the host's paths
 * and need neither root nor chroot. The tree is named by the system property {@code
 * flipside.tool.tree} or the variable {@code FLIPSIDE_TOOL_TREE}, and else stands in the cache.
 */
public final class Tools {
    private static final List<String> FOLDERS = List.of("usr/bin", "usr/sbin", "bin", "sbin");

    private Tools() {}

    /** Finds {@code fsck.erofs}, {@code sgdisk}, {@code nginx}, … or fails the running test. */
    public static Tool find(String name) {
        Path tree = treePath();
        Optional<Path> inTree = program(tree, name).filter(program -> Files.exists(loader(tree)));
        if (inTree.isPresent()) {
            return inTree(tree, inTree.get());
        }
        return program(Path.of("/"), name)
                .map(program -> new Tool(List.of(program.toString()), Map.of()))
                .orElseGet(
                        () ->
                                Assertions.fail(
                                        "%s: expected in the tool tree %s or on this host, found in neither; run integration-tests/tool-tree"
                                                .formatted(name, tree)));
    }

    /** Where files that are costly to make are kept between runs, outside of any checkout. */
    public static Path cachePath() {
        String own = System.getenv("FLIPSIDE_CACHE");
        if (own != null && !own.isEmpty()) {
            return Path.of(own);
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path caches =
                xdg == null || xdg.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(xdg);
        return caches.resolve("flipside");
    }

    /** The tree of tools. */
    static Path treePath() {
        String tree = System.getProperty("flipside.tool.tree", System.getenv("FLIPSIDE_TOOL_TREE"));
        return tree == null || tree.isEmpty() ? cachePath().resolve("tool-tree") : Path.of(tree);
    }

    private static Optional<Path> program(Path root, String name) {
        return FOLDERS.stream()
                .map(folder -> root.resolve(folder).resolve(name))
                .filter(Files::exists)
                .findFirst();
    }

    /** A program of the host, with the C library of the tree, so that it can load the tree's. */
    public static List<String> withLibrariesOfTheTree(Path program) {
        return inTree(treePath(), program).command();
    }

    /** A library in the tree, below {@code usr/lib}. */
    public static Path library(String path) {
        return treePath().resolve("usr/lib").resolve(path);
    }

    private static boolean arm64() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    private static Path loader(Path tree) {
        return tree.resolve(
                arm64() ? "usr/lib/ld-linux-aarch64.so.1" : "usr/lib64/ld-linux-x86-64.so.2");
    }

    private static Tool inTree(Path tree, Path program) {
        Path libraries =
                tree.resolve(arm64() ? "usr/lib/aarch64-linux-gnu" : "usr/lib/x86_64-linux-gnu");
        List<String> command = new ArrayList<>();
        command.add(loader(tree).toString());
        command.add("--library-path");
        // systemd's programs find their private library by an absolute path that is the host's.
        command.add(libraries + ":" + libraries.resolve("systemd"));
        command.add("--argv0");
        command.add(program.getFileName().toString());
        TreeMap<String, String> environment = new TreeMap<>();
        // FAT tools convert names by a code page, whose tables glibc loads by path.
        environment.put("GCONV_PATH", libraries.resolve("gconv").toString());
        environment.put("RPM_CONFIGDIR", tree.resolve("usr/lib/rpm").toString());
        boolean script = isPython(program);
        if (script) {
            command.add(tree.resolve("usr/bin/python3").toString());
        }
        if (script || program.getFileName().toString().equals("python3")) {
            environment.put("PYTHONHOME", tree.resolve("usr").toString());
            environment.put("PYTHONDONTWRITEBYTECODE", "1");
        }
        command.add(program.toString());
        return new Tool(command, environment);
    }

    private static boolean isPython(Path program) {
        try (var in = Files.newInputStream(program)) {
            String head = new String(in.readNBytes(64), StandardCharsets.ISO_8859_1);
            return head.startsWith("#!") && head.lines().findFirst().orElse("").contains("python");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
