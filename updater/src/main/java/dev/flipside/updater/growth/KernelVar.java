package dev.flipside.updater.growth;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.ExternalPrograms.Invocation;
import dev.flipside.platform.ExternalPrograms.Outcome;
import dev.flipside.updater.host.HostDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The partition on a real disk, through the host's own tools. */
public final class KernelVar implements VarDevice {
    private static final Duration RESIZE_TIMEOUT = Duration.ofMinutes(1);

    /**
     * A large disk behind a slow line. The rest of the boot waits for it, and a boot has thirty
     * minutes: what is not done by then the next one does.
     */
    private static final Duration FILL_TIMEOUT = Duration.ofMinutes(8);

    private static final String RESTART = "restart the machine: the kernel reads the table then";

    private final HostDisk disk;
    private final Programs programs;

    /**
     * What is started, before its arguments.
     *
     * @param partx of util-linux; the ioctl BLKPG, which it wraps, works beside mounted partitions
     * @param growfs systemd-growfs, for ext4, xfs and btrfs while they are mounted
     */
    public record Programs(List<String> partx, List<String> growfs) {
        /** Those of the host that runs. */
        public static final Programs OF_THIS_HOST =
                new Programs(List.of("partx"), List.of("/usr/lib/systemd/systemd-growfs"));

        public Programs {
            partx = List.copyOf(partx);
            growfs = List.copyOf(growfs);
        }
    }

    public KernelVar(HostDisk disk, Programs programs) {
        this.disk = disk;
        this.programs = programs;
    }

    @Override
    public void resize(Partition var) throws IOException, FlipsideException {
        String number = Integer.toString(var.number());
        List<String> argv =
                argv(programs.partx(), "--update", "--nr", number, disk.path().toString());
        run(argv, RESIZE_TIMEOUT, RESTART);
        long expectedBytes = disk.sizeBytes(var);
        long foundBytes = disk.kernelSizeBytes(var);
        if (foundBytes != expectedBytes) {
            String expected = "%s to have %d bytes".formatted(disk.device(var), expectedBytes);
            throw failed(argv, expected, foundBytes + " bytes", RESTART, null);
        }
    }

    @Override
    public boolean fill(Partition var) throws IOException, FlipsideException {
        Optional<Path> mountPoint = disk.mountPoint(var);
        if (mountPoint.isPresent()) {
            run(
                    argv(programs.growfs(), mountPoint.get().toString()),
                    FILL_TIMEOUT,
                    "grow the file system by hand, or restart the machine to try again");
        }
        return mountPoint.isPresent();
    }

    private static List<String> argv(List<String> program, String... arguments) {
        List<String> argv = new ArrayList<>(program);
        argv.addAll(List.of(arguments));
        return argv;
    }

    private static void run(List<String> argv, Duration timeout, String action)
            throws FlipsideException {
        try {
            Outcome outcome = ExternalPrograms.ofThisMachine().run(Invocation.of(timeout, argv));
            if (!outcome.succeeded()) {
                throw failed(argv, "it to succeed", ended(outcome), action, null);
            }
        } catch (IOException e) {
            throw failed(argv, "it to start", e.toString(), action, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(argv, "it to end", "an interrupt", action, e);
        }
    }

    private static String ended(Outcome outcome) {
        String said = outcome.errors().strip().replace('\n', ' ');
        return outcome.timedOut()
                ? "no end in time"
                : "exit code %d%s".formatted(outcome.exitCode(), said.isEmpty() ? "" : ": " + said);
    }

    private static FlipsideException failed(
            List<String> argv, String expected, String found, String action, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.PROGRAM_FAILED,
                        String.join(" ", argv),
                        expected,
                        found,
                        action),
                cause);
    }
}
