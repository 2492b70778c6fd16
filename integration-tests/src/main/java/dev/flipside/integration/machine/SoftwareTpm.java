package dev.flipside.integration.machine;

import dev.flipside.integration.ToolTree;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.ExternalPrograms.Invocation;
import dev.flipside.platform.ExternalPrograms.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** swtpm: a TPM 2.0 whose state is a folder. */
final class SoftwareTpm {
    private static final Duration START = Duration.ofSeconds(30);

    private SoftwareTpm() {}

    /**
     * Starts it. It leaves for the background when it listens, so QEMU finds it there, and it ends
     * when QEMU closes the connection, also by being killed.
     */
    static void start(ToolTree tree, Path folder, Path socket) throws IOException {
        Path state = Files.createDirectories(folder.resolve("tpm")).toAbsolutePath();
        ToolTree.Program swtpm = tree.require("swtpm");
        Invocation invocation =
                Invocation.of(
                        START,
                        swtpm.line(
                                "socket",
                                "--tpm2",
                                "--daemon",
                                "--terminate",
                                "--tpmstate",
                                "dir=" + state,
                                "--ctrl",
                                "type=unixio,path=" + socket,
                                "--log",
                                "file=" + folder.resolve("swtpm.log").toAbsolutePath()));
        try {
            Outcome outcome =
                    ExternalPrograms.ofThisMachine()
                            .run(invocation.withEnvironment(swtpm.environment()));
            if (!outcome.succeeded()) {
                throw new IOException("swtpm does not start: " + outcome);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting swtpm", e);
        }
    }
}
