package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code updater/sysroot} makes to be laid over a root file system, and systemd on its units.
 */
class SysrootTest {
    private static final Path UNITS = Sysroot.TREE.resolve("usr/lib/systemd/system");

    /** The design's aim for all that a host needs, compressed. */
    private static final long MAX_COMPRESSED_BYTES = 35L << 20;

    private static final int PACK_LEVEL = 6;

    @TempDir Path folder;

    @BeforeAll
    static void make() {
        Sysroot.make();
    }

    @Test
    void isTheSameBytesInAnotherTimeZoneAndUmask() throws Exception {
        Path first = Files.copy(Sysroot.TAR, folder.resolve("first.tar"));
        Tools.find("env").check("TZ=Asia/Tokyo", "sh", "-c", "umask 077; exec ../updater/sysroot");
        assertEquals(-1, Files.mismatch(first, Sysroot.TAR));
    }

    @Test
    void isSmallWhenCompressed() throws IOException {
        CountedBytes counted = new CountedBytes();
        try (ZstdOutputStream zstd = new ZstdOutputStream(counted, PACK_LEVEL)) {
            Files.copy(Sysroot.TAR, zstd);
        }
        System.out.printf(
                "sysroot: %d bytes, %d with zstd -%d%n",
                Files.size(Sysroot.TAR), counted.bytes, PACK_LEVEL);
        assertTrue(counted.bytes <= MAX_COMPRESSED_BYTES, () -> counted.bytes + " bytes");
    }

    @Test
    void systemdFindsTheSandboxOfTheDaemonTight() {
        Path unit = UNITS.resolve("flipsided.service");
        String report =
                Tools.find("systemd-analyze")
                        .check("security", "--offline=true", "--no-pager", "--threshold=23", unit);
        System.out.println(report.substring(report.lastIndexOf("Overall")).strip());
    }

    @Test
    void systemdFindsNoFaultInTheUnits() throws IOException {
        Path root = rootWithUnits();
        for (String unit :
                List.of(
                        "flipsided.service",
                        "flipside-health.service",
                        "flipside-give-up.service",
                        "flipside-grow.service",
                        "boot-complete.target",
                        "local-fs.target")) {
            Path file = root.resolve("usr/lib/systemd/system").resolve(unit);
            assertEquals(
                    "",
                    Tools.find("systemd-analyze")
                            .check("verify", "--man=no", "--root=" + root, file));
        }
    }

    /** Debian's units are there, too, so that what ours name is known. */
    private Path rootWithUnits() throws IOException {
        Path root = folder.resolve("root");
        Path systemd = Files.createDirectories(root.resolve("usr/lib/systemd"));
        Tools.find("cp").check("-a", Tools.library("systemd/system"), systemd);
        Tools.find("cp").check("-a", UNITS, systemd);
        // Masked units lead out of the folder, which JUnit warns about when it removes it.
        Tools.find("find").check(systemd, "-lname", "/dev/null", "-delete");
        for (String program :
                List.of(
                        "usr/bin/flipctl",
                        "usr/lib/flipside/wants-growth",
                        "usr/lib/flipside/runtime/bin/java",
                        "bin/sh")) {
            Path copy = root.resolve(program);
            Files.createDirectories(copy.getParent());
            Path original =
                    program.equals("bin/sh") ? Path.of("/bin/sh") : Sysroot.TREE.resolve(program);
            Files.copy(original, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
        return root;
    }

    @Test
    void theDaemonStartsByItselfAndTheHealthChecksOnCountedBootsOnly() throws IOException {
        assertEquals(
                UNITS.resolve("flipsided.service").toRealPath(),
                UNITS.resolve("multi-user.target.wants/flipsided.service").toRealPath());
        assertEquals(
                UNITS.resolve("flipside-health.service").toRealPath(),
                UNITS.resolve("boot-complete.target.requires/flipside-health.service")
                        .toRealPath());
    }

    @Test
    void bothProgramsStartFromTheirOwnRuntime() throws IOException {
        long started = System.nanoTime();
        String help = onThisMachine("flipctl", "-Xshare:auto", "--help");
        System.out.printf(
                "flipctl --help: %d ms%n",
                Duration.ofNanos(System.nanoTime() - started).toMillis());
        assertTrue(help.contains("Updates this host"), help);
        assertTrue(
                onThisMachine("flipsided", "-Xshare:auto", "--help").contains("usage: flipsided"));
    }

    @Test
    void onlyProgramsAreExecutableAndNothingIsWritableForOthers() throws IOException {
        try (Stream<Path> files = Files.walk(Sysroot.TREE)) {
            for (Path file : files.filter(each -> !Files.isSymbolicLink(each)).toList()) {
                var mode = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
                assertFalse(mode.contains(PosixFilePermission.OTHERS_WRITE), file::toString);
                assertTrue(mode.contains(PosixFilePermission.OTHERS_READ), file::toString);
            }
        }
        assertTrue(Files.isExecutable(Sysroot.TREE.resolve("usr/bin/flipctl")));
        assertTrue(Files.isExecutable(Sysroot.LIBRARY.resolve("runtime/bin/java")));
    }

    @Test
    void bashCompletesCommandsAndOptions() {
        Path file = Sysroot.TREE.resolve("usr/share/bash-completion/completions/flipctl");
        String script =
                """
                compopt() { :; }
                . '%s'
                COMP_WORDS=(flipctl sta) COMP_CWORD=1; _complete_flipctl; echo "${COMPREPLY[@]}"
                COMP_WORDS=(flipctl config '') COMP_CWORD=2; _complete_flipctl; echo "${COMPREPLY[@]}"
                COMP_WORDS=(flipctl status --w) COMP_CWORD=2; _complete_flipctl; echo "${COMPREPLY[@]}"
                """
                        .formatted(file);
        assertEquals(
                List.of("status stage", "check show reload", "--watch"),
                Tools.find("bash").check("-c", script).lines().toList());
    }

    /** A program of the tree, with the tree's place for that of a host. */
    private String onThisMachine(String program, String jvmOption, String argument)
            throws IOException {
        Process process =
                new ProcessBuilder(Sysroot.line(folder, program, List.of(jvmOption), argument))
                        .redirectErrorStream(true)
                        .start();
        try (var out = process.getInputStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), text);
            assertEquals(0, process.exitValue(), text);
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static final class CountedBytes extends OutputStream {
        private long bytes;

        @Override
        public void write(int value) {
            bytes++;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) {
            bytes += length;
        }
    }
}
