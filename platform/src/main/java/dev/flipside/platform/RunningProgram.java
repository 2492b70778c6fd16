package dev.flipside.platform;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * A program that stays, as a server or a virtual machine does; {@link ExternalPrograms#launch}
 * starts it. Closing it kills it and its children; so does the end of this process, unless that was
 * killed itself.
 */
public final class RunningProgram implements AutoCloseable {
    private final Process process;
    private final Thread atOurEnd;

    RunningProgram(Process process) {
        this.process = process;
        this.atOurEnd = new Thread(this::kill);
        Runtime.getRuntime().addShutdownHook(atOurEnd);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** Waits for its end; empty when it still runs after that time. */
    public OptionalInt awaitEnd(Duration timeout) throws InterruptedException {
        return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    /** Asks it to end (SIGTERM). */
    public void terminate() {
        process.destroy();
    }

    /** Kills it (SIGKILL), and waits until it is gone. */
    @Override
    public void close() {
        kill();
        process.onExit().join();
        try {
            Runtime.getRuntime().removeShutdownHook(atOurEnd);
        } catch (IllegalStateException e) {
            // This process ends just now, and its hooks run already.
            return;
        }
    }

    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
