package dev.flipside.integration.machine;

import dev.flipside.integration.ToolTree;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.ExternalPrograms.Invocation;
import dev.flipside.platform.ExternalPrograms.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A disk that holds only what is written to it, over another one that stays as it is. */
public final class CopyOnWriteDisk {
    private static final Duration MAKE = Duration.ofSeconds(60);

    private CopyOnWriteDisk() {}

    /**
     * Makes one.
     *
     * @param below raw or qcow2; must not change as long as the new one is used
     * @param disk the new one, a qcow2
     */
    public static void make(ToolTree tree, Path below, Path disk) throws IOException {
        ToolTree.Program qemuImg = tree.require("qemu-img");
        Invocation invocation =
                Invocation.of(
                        MAKE,
                        qemuImg.line(
                                "create",
                                "-q",
                                "-f",
                                "qcow2",
                                "-b",
                                below.toAbsolutePath(),
                                "-F",
                                QemuLine.format(below),
                                disk.toAbsolutePath()));
        try {
            Outcome outcome =
                    ExternalPrograms.ofThisMachine()
                            .run(invocation.withEnvironment(qemuImg.environment()));
            if (!outcome.succeeded()) {
                throw new IOException(
                        "qemu-img does not make a disk over " + below + ": " + outcome);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while making a disk", e);
        }
    }
}
