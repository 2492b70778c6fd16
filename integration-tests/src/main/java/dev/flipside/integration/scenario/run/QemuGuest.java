package dev.flipside.integration.scenario.run;

import dev.flipside.builder.rootfs.ErofsImage;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.ErofsLayout;
import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.machine.DeadlineMissed;
import dev.flipside.integration.machine.GuestRestarted;
import dev.flipside.integration.machine.GuestShell;
import dev.flipside.integration.machine.Machine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** A guest in QEMU, whose updates come from a folder that a server of ours serves. */
public final class QemuGuest implements Guest {
    private static final String PLUGGED_SERIAL = "flipside-test";
    private static final UUID PLUGGED_ID = UUID.fromString("f11b51de-0000-4000-8000-000000000001");
    private static final Duration COMMAND = Duration.ofSeconds(1);

    private final Machine machine;
    private final Path served;
    private final InstantSource clock;

    /** What the serial console said before the machine was last switched on. */
    private final List<String> before = new ArrayList<>();

    private int resetsBefore;
    private boolean shellAnswered;

    /** What {@link #resets} was when the shell said that it listens. */
    private int resetsAtAnswer;

    /**
     * Takes a machine over; it is off.
     *
     * @param served a symbolic link to the folder that is served, which may be set anew
     */
    public QemuGuest(Machine machine, Path served, InstantSource clock) {
        this.machine = machine;
        this.served = served;
        this.clock = clock;
    }

    @Override
    public void powerOn() throws IOException {
        switchOff();
        // A machine that goes on where it was suspended has a shell that listens already.
        shellAnswered = machine.settings().suspended().isPresent();
        machine.powerOn();
        resetsAtAnswer = resets();
    }

    @Override
    public void cutPower() throws IOException {
        switchOff();
    }

    private void switchOff() throws IOException {
        if (machine.hasBeenOn()) {
            before.addAll(machine.console().lines());
            resetsBefore += machine.qmp().count("RESET");
        }
        shellAnswered = false;
        machine.close();
    }

    @Override
    public void reset() throws IOException {
        shellAnswered = false;
        machine.reset();
    }

    @Override
    public boolean isOn() {
        return machine.isOn();
    }

    @Override
    public int resets() {
        return resetsBefore + (machine.hasBeenOn() ? machine.qmp().count("RESET") : 0);
    }

    @Override
    public Optional<Answer> run(String command, Duration timeout) throws IOException {
        machine.requireSound();
        if (!isOn()) {
            return Optional.empty();
        }
        Deadline deadline = Deadline.in(clock, timeout);
        try {
            // What is said to a guest that does not listen yet may be torn, and heard later.
            if (!shellAnswered || resets() != resetsAtAnswer) {
                shellAnswered = false;
                machine.shell().awaitBoot(timeout);
                shellAnswered = true;
                resetsAtAnswer = resets();
            }
            Duration left = deadline.left();
            GuestShell.Result result =
                    machine.shell().run(command, left.compareTo(COMMAND) < 0 ? COMMAND : left);
            return Optional.of(new Answer(result.exitCode(), result.output()));
        } catch (DeadlineMissed | GuestRestarted e) {
            machine.requireSound();
            return Optional.empty();
        }
    }

    @Override
    public List<String> serialLines() {
        List<String> lines = new ArrayList<>(before);
        if (machine.hasBeenOn()) {
            lines.addAll(machine.console().lines());
        }
        return lines;
    }

    @Override
    public OptionalInt awaitSerialLine(int from, String text, Duration timeout) throws IOException {
        for (int i = from; i < before.size(); i++) {
            if (before.get(i).contains(text)) {
                return OptionalInt.of(i);
            }
        }
        if (!machine.hasBeenOn()) {
            return OptionalInt.empty();
        }
        int past = before.size();
        try {
            return OptionalInt.of(
                    past + machine.console().await(Math.max(0, from - past), text, timeout));
        } catch (DeadlineMissed e) {
            machine.requireSound();
            return OptionalInt.empty();
        }
    }

    @Override
    public void pause(Duration length) throws IOException {
        if (machine.hasBeenOn()) {
            machine.pause(length);
        }
        machine.requireSound();
    }

    @Override
    public void network(boolean connected) throws IOException {
        machine.cable(connected);
    }

    @Override
    public void plugDisk(Path folder) throws IOException {
        Path image = machine.settings().folder().resolve("plugged.img");
        Files.deleteIfExists(image);
        try (FileChannel out =
                FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            RootFileSystem root = RootFileSystem.open(folder.toRealPath());
            ErofsLayout layout = ErofsLayout.plan(root.tree(), PLUGGED_ID, root.newestChange());
            ErofsImage.write(root, layout, out);
        } catch (FlipsideException e) {
            throw new IOException(e.failure().line(), e);
        }
        machine.plugIn(image, PLUGGED_SERIAL);
    }

    @Override
    public void serve(Path repository) throws IOException {
        if (!Files.isDirectory(repository.resolve("metadata"))) {
            throw new IOException(
                    "expected a repository in %s, found no metadata there".formatted(repository));
        }
        Path link = served.resolveSibling(served.getFileName() + ".new");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, repository.toAbsolutePath().normalize());
        Files.move(link, served, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void collect() throws IOException {
        machine.collect();
    }

    @Override
    public void close() throws IOException {
        machine.close();
    }
}
