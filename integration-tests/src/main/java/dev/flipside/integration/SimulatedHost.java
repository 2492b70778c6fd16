package dev.flipside.integration;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import dev.flipside.updater.boot.BootControl;
import dev.flipside.updater.coordinator.Status;
import dev.flipside.updater.health.HealthResult;
import dev.flipside.updater.health.Pace;
import dev.flipside.updater.health.RootView;
import dev.flipside.updater.health.Trial;
import dev.flipside.updater.health.TrialRecords;
import dev.flipside.updater.health.TrialTerms;
import dev.flipside.updater.health.Verdict;
import dev.flipside.updater.host.DiskAccess;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A host from the power button to a settled user space, as often as it reboots. Firmware, loader,
 * kernel and units are simulated; partition table, entries, UKI, verity, EROFS, trial and
 * coordinator are the real code.
 */
public final class SimulatedHost {
    /** Three tries for each slot, and a few more: a host that needs more loops for ever. */
    private static final int MAX_BOOTS = 12;

    private static final int MAX_ROOT_JSON_BYTES = 1 << 20;

    private final Machine machine;
    private final InstantSource clock;
    private final Consumer<String> console;

    public SimulatedHost(Machine machine, InstantSource clock, Consumer<String> console) {
        this.machine = machine;
        this.clock = clock;
        this.console = console;
    }

    /**
     * What the host is made of.
     *
     * @param state the folder with the updater's state, in {@code /var}
     * @param healthFolders where the release has its checks
     * @param daemon what the updater does once a boot was found good, or needs no trial
     */
    public record Machine(
            DiskAccess disk,
            DurableFolder esp,
            DurableFolder state,
            SystemFolder system,
            List<String> healthFolders,
            Daemon daemon) {
        public Machine {
            healthFolders = List.copyOf(healthFolders);
        }
    }

    /** The updater's daemon at the end of a boot. */
    @FunctionalInterface
    public interface Daemon {
        Status afterBoot() throws FlipsideException;
    }

    /** Where the host is when nothing happens any more. */
    public sealed interface Rest {
        /**
         * User space runs.
         *
         * @param rootHash of the image that runs
         * @param fileName the entry that was booted, as it was called after its count
         * @param boots how many it took
         */
        record Running(String rootHash, String fileName, int boots, Optional<Status> status)
                implements Rest {}

        /** It waits for its operator. */
        record Stopped(String why, int boots) implements Rest {}
    }

    /** How one boot ended. */
    private sealed interface End {
        record Settled(SimulatedKernel.Mounted mounted, String fileName, Optional<Status> status)
                implements End {}

        record Reboot() implements End {}

        record Stopped(String why) implements End {}
    }

    /** Presses the power button, and watches until the host is at rest. */
    public Rest powerOn() throws IOException, FlipsideException {
        for (int boots = 1; boots <= MAX_BOOTS; boots++) {
            machine.system().clear();
            switch (boot()) {
                case End.Settled(SimulatedKernel.Mounted mounted, String fileName, var status) -> {
                    return new Rest.Running(mounted.rootHash(), fileName, boots, status);
                }
                case End.Stopped(String why) -> {
                    console.accept(why);
                    return new Rest.Stopped(why, boots);
                }
                case End.Reboot() -> console.accept("reboot");
            }
        }
        return new Rest.Stopped("it rebooted %d times in a row".formatted(MAX_BOOTS), MAX_BOOTS);
    }

    private End boot() throws IOException, FlipsideException {
        SimulatedFirmware.Handover handover;
        try (BlockDevice disk = machine.disk().openForWriting(List.of())) {
            handover = new SimulatedFirmware(machine.esp(), console).powerOn(disk);
        }
        return switch (handover) {
            case SimulatedFirmware.Handover.Stopped(String why) -> new End.Stopped(why);
            case SimulatedFirmware.Handover.Started started -> {
                try (started;
                        BlockDevice disk = machine.disk().openForReading()) {
                    yield run(started, disk);
                }
            }
        };
    }

    private End run(SimulatedFirmware.Handover.Started started, BlockDevice disk)
            throws IOException, FlipsideException {
        try {
            return kernel(started, disk);
        } catch (KernelPanic e) {
            console.accept("kernel: panic: " + e.getMessage());
            return afterPanic(started);
        }
    }

    private static End afterPanic(SimulatedFirmware.Handover.Started started)
            throws IOException, FlipsideException {
        if (started.exhausted()) {
            return new End.Stopped("kernel: stands still, as its entry had no tries left");
        }
        return started.uki().commandLine().value("panic").isPresent()
                ? new End.Reboot()
                : new End.Stopped("kernel: stands still, as its command line has no 'panic='");
    }

    private End kernel(SimulatedFirmware.Handover.Started started, BlockDevice disk)
            throws IOException, FlipsideException {
        SimulatedKernel.Mounted mounted;
        try {
            mounted = SimulatedKernel.open(disk, started.uki());
        } catch (FlipsideException e) {
            return initrdFailed(started, e.failure().line());
        } catch (IOException e) {
            return initrdFailed(started, e.toString());
        }
        console.accept(
                "kernel: root hash %s on %s".formatted(mounted.rootHash(), mounted.data().name()));
        return userSpace(started, mounted);
    }

    private End initrdFailed(SimulatedFirmware.Handover.Started started, String why)
            throws IOException {
        console.accept("initrd: the root does not open: " + why);
        if (!SimulatedKernel.givesUp(started.uki())) {
            return new End.Stopped("initrd: waits for ever, as it does not know how to give up");
        }
        if (!started.counted()) {
            return new End.Stopped("initrd: waits for its operator, as this boot is not counted");
        }
        return started.exhausted()
                ? new End.Stopped("initrd: waits for its operator, as its entry had no tries left")
                : new End.Reboot();
    }

    private End userSpace(
            SimulatedFirmware.Handover.Started started, SimulatedKernel.Mounted mounted)
            throws IOException, FlipsideException {
        String bootId = UUID.randomUUID().toString();
        Optional<String> counted =
                Optional.of(started.entry().fileName()).filter(it -> started.counted());
        machine.system().show(mounted, bootId);
        machine.system().showLoader(started.entry().id(), counted);
        copyRootJson(mounted.root());
        OptionalLong sequence = started.entry().sequence();
        if (counted.isPresent() && sequence.isPresent()) {
            Trial.Subject subject =
                    new Trial.Subject(sequence.getAsLong(), bootId, mounted.rootHash());
            if (!isHealthy(subject, mounted.root())) {
                return started.exhausted()
                        ? new End.Stopped("boot: not good, and its entry had no tries left")
                        : new End.Reboot();
            }
        }
        return new End.Settled(mounted, started.entry().fileName(), daemon());
    }

    /** What is simulated is ready at once, or never. */
    private record NoTime() implements Pace {
        @Override
        public Duration elapsed() {
            return Duration.ZERO;
        }

        @Override
        public void pause(Duration duration) {
            throw new IllegalStateException("a trial of no length waits for nothing");
        }
    }

    /** flipside-health.service, boot-complete.target and systemd-bless-boot. */
    private boolean isHealthy(Trial.Subject subject, RootView root) {
        BootControl boot = new BootControl(machine.esp());
        try {
            Trial trial = new Trial(new TrialRecords(machine.state()), boot, clock);
            Verdict verdict =
                    trial.judge(
                            subject,
                            new SimulatedSurroundings(root),
                            new TrialTerms(machine.healthFolders(), Duration.ZERO, Duration.ZERO),
                            new NoTime());
            for (HealthResult result : verdict.results()) {
                console.accept(
                        "health: %s %s"
                                .formatted(result.passed() ? "passed" : "FAILED", result.line()));
            }
            if (verdict.healthy()) {
                boot.markGood(subject.sequence());
                console.accept("boot: marked good");
            } else {
                console.accept("boot: marked bad");
            }
            return verdict.healthy();
        } catch (FlipsideException e) {
            console.accept("health: FAILED " + e.failure().line());
            return false;
        } catch (IOException e) {
            console.accept("health: FAILED " + e);
            return false;
        }
    }

    private Optional<Status> daemon() {
        try {
            Status status = machine.daemon().afterBoot();
            console.accept(
                    "updater: %s, floor %d"
                            .formatted(status.memory().state().name(), status.memory().floor()));
            return Optional.of(status);
        } catch (FlipsideException e) {
            // The daemon ends, and the host runs on.
            console.accept("updater: " + e.failure().line());
            return Optional.empty();
        }
    }

    private void copyRootJson(ErofsRoot root) throws IOException {
        Optional<Instant> modified = root.modified(SystemFolder.ROOT_JSON);
        if (modified.isPresent()) {
            try (InputStream in = root.open(SystemFolder.ROOT_JSON)) {
                machine.system()
                        .copy(
                                SystemFolder.ROOT_JSON,
                                in.readNBytes(MAX_ROOT_JSON_BYTES),
                                modified.get());
            }
        }
    }
}
