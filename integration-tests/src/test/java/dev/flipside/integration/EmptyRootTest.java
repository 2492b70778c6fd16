package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An ordinary user builds a release of a real Debian root file system within a root that has a Java
 * runtime, glibc, the jar and a writable {@code /tmp}, and nothing else: no other program, no
 * {@code /proc}, no {@code /dev}. Needs root to enter it.
 */
class EmptyRootTest {
    private static final List<String> GLIBC =
            List.of("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1");
    private static final Set<String> NOT_OF_A_RUNTIME =
            Set.of("src.zip", "ct.sym", "jspawnhelper", "jexec");
    private static final int TIMEOUT_SECONDS = 300;

    @TempDir Path folder;

    @AfterEach
    void removeRoot() {
        Tools.find("rm").check("-rf", folder.resolve("root"));
    }

    @Test
    void anOrdinaryUserInAnEmptyRootBuildsTheSameReleaseOfADebianRoot() throws Exception {
        Path root = emptyRoot();
        Path tar = ErofsOracleTest.debianTar();
        Files.copy(tar, root.resolve("root.tar"));
        assertEquals(Set.of("java"), programs(root));
        enter(root, build("/root.tar", "/tmp/release"));

        Path normal = folder.resolve("normal");
        CommandLine.flipsideImage().check(build(tar.toString(), normal.toString()).toArray());
        Path release = root.resolve("tmp/release");
        for (String name :
                List.of("root.img", "root.verity", "blocks.pack", "blocks.index", "debian_1.efi")) {
            assertEquals(-1, Files.mismatch(normal.resolve(name), release.resolve(name)), name);
        }
    }

    private static List<String> build(String rootfs, String out) {
        return List.of(
                "build",
                "--rootfs",
                rootfs,
                "--product",
                "debian",
                "--version",
                "1",
                "--pack-level",
                "1",
                "--out",
                out);
    }

    private Path emptyRoot() throws IOException {
        Path root = Files.createDirectory(folder.resolve("root"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path home = Path.of(System.getProperty("java.home"));
        copyTree(home.resolve("lib"), root.resolve("jre/lib"));
        copyTree(home.resolve("conf"), root.resolve("jre/conf"));
        copy(home.resolve("release"), root.resolve("jre/release"));
        copy(home.resolve("bin/java"), root.resolve("jre/bin/java"));
        copyGlibc(root);
        copy(jar(), root.resolve("flipside-image.jar"));
        Path tmp = Files.createDirectory(root.resolve("tmp"));
        Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));
        return root;
    }

    /** Of the tree of tools, so that it is the same on every host. */
    private static void copyGlibc(Path root) throws IOException {
        Path tree = Tools.treePath();
        boolean arm64 = System.getProperty("os.arch").equals("aarch64");
        String triplet = arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        for (String library : GLIBC) {
            Path from = tree.resolve("usr/lib").resolve(triplet).resolve(library);
            copy(from, root.resolve("usr/lib").resolve(triplet).resolve(library));
        }
        String loader = arm64 ? "lib/ld-linux-aarch64.so.1" : "lib64/ld-linux-x86-64.so.2";
        copy(tree.resolve("usr").resolve(loader), root.resolve(loader));
        Files.createDirectories(root.resolve("lib"));
        Files.createSymbolicLink(
                root.resolve("lib").resolve(triplet), Path.of("../usr/lib").resolve(triplet));
    }

    /** What users run; made by {@code ./mvnw package}, which {@code ./test} does first. */
    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../image-builder/target"))) {
            return files.filter(file -> file.toString().endsWith("-all.jar"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no jar: run ./mvnw package"));
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!NOT_OF_A_RUNTIME.contains(file.getFileName().toString())) {
                    copy(file, to.resolve(from.relativize(file).toString()));
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from.toRealPath(), to, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** The names of what can be executed and is no library. */
    private static Set<String> programs(Path root) throws IOException {
        Set<String> programs = new TreeSet<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (Files.getPosixFilePermissions(file).toString().contains("EXECUTE")
                        && !name.contains(".so")) {
                    programs.add(name);
                }
            }
        }
        return programs;
    }

    private void enter(Path root, List<String> arguments) throws Exception {
        List<String> line =
                new java.util.ArrayList<>(
                        Tools.find("chroot")
                                .line(
                                        "--userspec=65534:65534",
                                        root,
                                        "/jre/bin/java",
                                        "-Xmx256m",
                                        "-XX:+UseSerialGC",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-jar",
                                        "/flipside-image.jar"));
        line.addAll(arguments);
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().clear();
        // Without /proc the loader knows no $ORIGIN, by which a runtime finds its own libraries.
        builder.environment().put("LD_LIBRARY_PATH", "/jre/lib:/jre/lib/server");
        Process process = builder.redirectOutput(output.toFile()).start();
        assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "runs for ever");
        assertEquals(0, process.exitValue(), Files.readString(output));
    }
}
