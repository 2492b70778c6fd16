package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScratchFolderTest {
    private static final int ENDED_BY_SIGTERM = 128 + 15;

    @TempDir Path parent;

    @Test
    void isGoneWithItsContentsWhenItIsClosed() throws Exception {
        Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
        Path kept = Files.createFile(elsewhere.resolve("kept"));
        try (ScratchFolder folder = ScratchFolder.create(parent, "scratch-")) {
            fill(folder.path());
            Files.createSymbolicLink(folder.path().resolve("link"), elsewhere);
        }
        assertEquals(List.of("elsewhere"), Workbench.names(parent));
        assertTrue(Files.exists(kept));
    }

    @Test
    void isGoneWhenItsProcessIsTerminated() throws Exception {
        List<String> line = new ArrayList<>(List.of("env", "--default-signal"));
        line.addAll(CommandLine.java(Holder.class.getName()));
        line.add(parent.toString());
        Process process =
                new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            Path made = Path.of(lines.readLine());
            assertTrue(Files.exists(made.resolve("folder/file")));
            process.destroy();
            assertEquals(ENDED_BY_SIGTERM, process.waitFor());
            assertTrue(Files.notExists(made));
        } finally {
            process.destroyForcibly();
        }
    }

    private static void fill(Path path) throws IOException {
        Files.createFile(Files.createDirectory(path.resolve("folder")).resolve("file"));
    }

    /** Has a scratch folder until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            try (ScratchFolder folder = ScratchFolder.create(Path.of(arguments[0]), "scratch-")) {
                fill(folder.path());
                System.out.println(folder.path());
                new CountDownLatch(1).await();
            }
        }
    }
}
