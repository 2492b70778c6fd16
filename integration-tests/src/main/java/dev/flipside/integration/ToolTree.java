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

/**
 * The tree of Debian 13 programs that {@code integration-tests/tool-tree} makes. They run in place
 * through the tree's own loader, so they see the host's paths and need neither root nor chroot.
 *
 * @param path named by the system property {@code flipside.tool.tree} or the variable {@code
 *     FLIPSIDE_TOOL_TREE}, and else {@code tool-tree} in the cache
 */
public record ToolTree(Path path) {
    private static final List<String> FOLDERS = List.of("usr/bin", "usr/sbin", "bin", "sbin");

    /**
     * A program with what goes before its arguments.
     *
     * @param environment what is added to its environment
     */
    public record Program(List<String> command, Map<String, String> environment) {
        public Program {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
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

    public static ToolTree ofThisMachine() {
        String tree = System.getProperty("flipside.tool.tree", System.getenv("FLIPSIDE_TOOL_TREE"));
        return new ToolTree(
                tree == null || tree.isEmpty()
                        ? cachePath().resolve("tool-tree")
                        : Path.of(tree).toAbsolutePath());
    }

    /** Where files that are costly to make are kept between runs, outside of any checkout. */
    public static Path cachePath() {
        String own = System.getenv("FLIPSIDE_CACHE");
        if (own != null && !own.isEmpty()) {
            return Path.of(own).toAbsolutePath();
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        // As the scripts that fill it: where HOME is another folder than the account's, HOME
        // counts.
        String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
        Path caches = xdg == null || xdg.isEmpty() ? Path.of(home, ".cache") : Path.of(xdg);
        return caches.resolve("flipside");
    }

    /** A program of the tree, else of the host. */
    public Optional<Program> find(String name) {
        Optional<Path> inTree = program(path, name).filter(program -> Files.exists(loader()));
        if (inTree.isPresent()) {
            return inTree.map(this::inTree);
        }
        return program(Path.of("/"), name)
                .map(program -> new Program(List.of(program.toString()), Map.of()));
    }

    /**
     * The same, for what cannot go on without it.
     *
     * @throws MissingTool when there is none
     */
    public Program require(String name) throws MissingTool {
        return find(name)
                .orElseThrow(
                        () ->
                                new MissingTool(
                                        name,
                                        "it in the tool tree %s or on this host".formatted(path)));
    }

    /** A program of the host, with the C library of the tree, so that it can load the tree's. */
    public Program withLibrariesOfTheTree(Path program) {
        return inTree(program);
    }

    /** A library in the tree, below {@code usr/lib}. */
    public Path library(String below) {
        return path.resolve("usr/lib").resolve(below);
    }

    private Path loader() {
        return path.resolve(
                arm64() ? "usr/lib/ld-linux-aarch64.so.1" : "usr/lib64/ld-linux-x86-64.so.2");
    }

    private Path libraries() {
        return library(arm64() ? "aarch64-linux-gnu" : "x86_64-linux-gnu");
    }

    private static boolean arm64() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    private static Optional<Path> program(Path root, String name) {
        return FOLDERS.stream()
                .map(folder -> root.resolve(folder).resolve(name))
                .filter(Files::exists)
                .findFirst();
    }

    private Program inTree(Path program) {
        List<String> command = new ArrayList<>();
        command.add(loader().toString());
        command.add("--library-path");
        // systemd's programs and swtpm find their private library by an absolute path of the host.
        Path libraries = libraries();
        command.add(
                "%s:%s:%s"
                        .formatted(
                                libraries,
                                libraries.resolve("systemd"),
                                libraries.resolve("swtpm")));
        command.add("--argv0");
        command.add(program.getFileName().toString());
        TreeMap<String, String> environment = new TreeMap<>();
        // FAT tools convert names by a code page, whose tables glibc loads by path.
        environment.put("GCONV_PATH", libraries().resolve("gconv").toString());
        environment.put("RPM_CONFIGDIR", path.resolve("usr/lib/rpm").toString());
        environment.put("QEMU_MODULE_DIR", libraries().resolve("qemu").toString());
        boolean script = isPython(program);
        if (script) {
            command.add(path.resolve("usr/bin/python3").toString());
        }
        if (script || program.getFileName().toString().equals("python3")) {
            environment.put("PYTHONHOME", path.resolve("usr").toString());
            environment.put("PYTHONDONTWRITEBYTECODE", "1");
        }
        command.add(program.toString());
        return new Program(command, environment);
    }

    private static boolean isPython(Path program) {
        try (var in = Files.newInputStream(program)) {
            String head = new String(in.readNBytes(64), StandardCharsets.ISO_8859_1);
            return head.startsWith("#!") && head.lines().findFirst().orElse("").contains("python");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
