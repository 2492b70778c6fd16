package dev.flipside.integration.machine;

import dev.flipside.integration.ScratchFolder;
import dev.flipside.integration.ToolTree;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.RunningProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** A QEMU that runs, with its three lines to the outside. */
final class PoweredMachine implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> parts;
    private final RunningProgram qemu;
    private final SerialConsole console;
    private final GuestShell shell;
    private final QmpClient qmp;

    private PoweredMachine(
            Deque<AutoCloseable> parts,
            RunningProgram qemu,
            SerialConsole console,
            GuestShell shell,
            QmpClient qmp) {
        this.parts = parts;
        this.qemu = qemu;
        this.console = console;
        this.shell = shell;
        this.qmp = qmp;
    }

    static PoweredMachine start(MachineSettings settings, ToolTree tree, Path variables)
            throws IOException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return start(settings, tree, variables, parts);
        } catch (IOException | RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    private static PoweredMachine start(
            MachineSettings settings, ToolTree tree, Path variables, Deque<AutoCloseable> parts)
            throws IOException {
        // A path of a Unix socket has 107 bytes at most, which a folder of a test may not leave.
        ScratchFolder folder = ScratchFolder.create("flipside-machine-");
        parts.push(folder);
        QemuLine.Sockets sockets = new QemuLine.Sockets(folder.path());
        if (settings.tpm()) {
            SoftwareTpm.start(tree, settings.folder(), sockets.tpm());
            parts.push(() -> Files.deleteIfExists(sockets.tpm()));
        }
        UnixListener serial = listen(sockets.serial(), parts);
        UnixListener shell = listen(sockets.shell(), parts);
        UnixListener qmp = listen(sockets.qmp(), parts);
        ToolTree.Program program = tree.require("qemu-system-x86_64");
        Path log = settings.folder().resolve("qemu.log");
        RunningProgram qemu =
                ExternalPrograms.ofThisMachine()
                        .launch(
                                program.line(
                                        QemuLine.of(settings, tree, variables, sockets).toArray()),
                                program.environment(),
                                log);
        parts.push(qemu);
        try {
            LineStream serialLines = lines(serial, "the serial console", parts);
            LineStream shellLines = lines(shell, "the guest's shell", parts);
            QmpClient client = QmpClient.over(lines(qmp, "QMP", parts));
            return new PoweredMachine(
                    parts,
                    qemu,
                    new SerialConsole(serialLines),
                    new GuestShell(shellLines),
                    client);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "\n" + Files.readString(log), e);
        }
    }

    SerialConsole console() {
        return console;
    }

    GuestShell shell() {
        return shell;
    }

    QmpClient qmp() {
        return qmp;
    }

    boolean isRunning() {
        return qemu.isAlive();
    }

    void awaitEnd(Duration timeout) throws IOException {
        if (!endsWithin(timeout)) {
            throw new DeadlineMissed(
                    "expected the machine to switch itself off within %d s, found it on"
                            .formatted(timeout.toSeconds()));
        }
    }

    boolean endsWithin(Duration timeout) throws IOException {
        try {
            return qemu.awaitEnd(timeout).isPresent();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the machine to end", e);
        }
    }

    /** Kills QEMU first, so that the guest sees nothing of it. */
    @Override
    public void close() throws IOException {
        qemu.close();
        closeAll(parts);
    }

    private static UnixListener listen(Path path, Deque<AutoCloseable> parts) throws IOException {
        UnixListener listener = UnixListener.at(path);
        parts.push(listener);
        return listener;
    }

    private static LineStream lines(UnixListener listener, String name, Deque<AutoCloseable> parts)
            throws IOException {
        LineStream stream = LineStream.over(listener.accept(START), name);
        parts.push(stream);
        return stream;
    }

    private static void closeAll(Deque<AutoCloseable> parts) throws IOException {
        IOException first = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                first = first == null ? new IOException(e) : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
