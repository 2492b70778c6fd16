package dev.flipside.integration.machine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.integration.ToolTree;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A computer in QEMU: disk, firmware variables and TPM stay while its power comes and goes. Not for
 * several threads.
 *
 * <p>A power cut kills QEMU. What the guest has not handed to its disk is lost, as its page cache;
 * what it has is kept, also without a flush. A disk that loses or reorders unflushed writes is
 * simulated elsewhere ({@code PowerCutTest}), where every order can be tried.
 */
public final class Machine implements AutoCloseable {
    private static final Duration SUSPEND = Duration.ofMinutes(2);

    private final ToolTree tree;
    private MachineSettings settings;
    private Optional<PoweredMachine> powered = Optional.empty();
    private boolean connected = true;

    private Machine(MachineSettings settings, ToolTree tree) {
        this.settings = settings;
        this.tree = tree;
    }

    /** Puts a machine together; it is off. */
    public static Machine of(MachineSettings settings, ToolTree tree) throws IOException {
        Files.createDirectories(settings.folder());
        Path variables = variables(settings);
        if (!Files.exists(variables)) {
            Files.copy(settings.firmware().variables(), variables);
        }
        return new Machine(settings, tree);
    }

    /** Switches it on. */
    public void powerOn() throws IOException {
        if (powered.isPresent()) {
            throw new IllegalStateException("the machine is on already");
        }
        powered = Optional.of(PoweredMachine.start(settings, tree, variables(settings)));
        if (settings.suspended().isPresent()) {
            // What a serial port is sent before its state is there again gets lost.
            on().qmp().awaitEvent("RESUME", SUSPEND);
        }
        settings = settings.afterwards();
        if (!connected) {
            setLink();
        }
    }

    /**
     * Keeps memory and devices in a file, and switches it off. A machine of the same settings, with
     * copies of disk and firmware variables as they are then, goes on from there.
     */
    public void suspendTo(Path memory) throws IOException {
        on().qmp().suspendTo(memory.toAbsolutePath(), SUSPEND);
        cutPower();
    }

    /** The firmware's variables as this machine has them. */
    public Path variables() {
        return variables(settings);
    }

    /** Pulls the plug. */
    public void cutPower() throws IOException {
        PoweredMachine machine = on();
        powered = Optional.empty();
        machine.close();
    }

    /**
     * Presses the reset button: memory and devices start anew, the disk has all that it was given.
     */
    public void reset() throws IOException {
        on().qmp().reset();
    }

    /** Waits until the guest has switched the machine off. */
    public void awaitOff(Duration timeout) throws IOException {
        on().awaitEnd(timeout);
        cutPower();
    }

    /** Lets time pass, and ends early when the machine switches itself off. */
    public void pause(Duration length) throws IOException {
        on().endsWithin(length);
    }

    /**
     * Plugs the network cable in, or out, where it stays when the power comes and goes; the guest's
     * card sees the carrier.
     */
    public void cable(boolean in) throws IOException {
        connected = in;
        if (isOn()) {
            setLink();
        }
    }

    private void setLink() throws IOException {
        on().qmp().execute("set_link", StrictJson.object().put("name", "net").put("up", connected));
    }

    /**
     * Plugs in a disk with the contents of a raw image, read-only; once in the machine's time. It
     * is a virtio disk, as the machine's own: not every kernel has drivers for USB.
     *
     * @param serial by which the guest finds it: {@code /dev/disk/by-id/virtio-SERIAL}
     */
    public void plugIn(Path image, String serial) throws IOException {
        ObjectNode node =
                StrictJson.object()
                        .put("driver", "raw")
                        .put("node-name", "plugged")
                        .put("read-only", true);
        node.putObject("file")
                .put("driver", "file")
                .put("filename", image.toAbsolutePath().toString());
        on().qmp().execute("blockdev-add", node);
        ObjectNode device =
                StrictJson.object()
                        .put("driver", "virtio-blk-pci")
                        .put("bus", "free-port")
                        .put("drive", "plugged")
                        .put("serial", serial)
                        .put("id", "plugged-disk");
        on().qmp().execute("device_add", device);
    }

    /**
     * Requires that QEMU does its part: what it does wrong itself says nothing of the guest.
     *
     * @throws IOException when it has ended though nobody switched the machine off, or cannot write
     */
    public void requireSound() throws IOException {
        if (powered.isEmpty()) {
            return;
        }
        if (on().qmp().isStoppedByItsDisk()) {
            throw new IOException(
                    "expected QEMU to read and write the disk of %s, found that it could not; is there room?"
                            .formatted(settings.folder()));
        }
        if (!isOn() && !on().qmp().hasShutDown()) {
            throw new IOException(
                    "expected QEMU to run, found that it ended by itself; see qemu.log");
        }
    }

    public boolean isOn() {
        return powered.map(PoweredMachine::isRunning).orElse(false);
    }

    /** Whether it was switched on, and its plug is still in, though it may have gone off since. */
    public boolean hasBeenOn() {
        return powered.isPresent();
    }

    public SerialConsole console() {
        return on().console();
    }

    public GuestShell shell() {
        return on().shell();
    }

    public QmpClient qmp() {
        return on().qmp();
    }

    public MachineSettings settings() {
        return settings;
    }

    /** Takes a picture of the screen, as PNG, into the machine's folder. */
    public Path screenshot(String name) throws IOException {
        Path file = settings.folder().resolve(name + ".png").toAbsolutePath();
        ObjectNode arguments = StrictJson.object().put("filename", file.toString());
        on().qmp().execute("screendump", arguments.put("format", "png"));
        return file;
    }

    /**
     * Keeps what tells why something went wrong, as far as the machine still gives it: a picture of
     * the screen and the journal, beside {@code serial.log}, which is always there.
     *
     * @throws IOException when there is no room for it
     */
    public void collect() throws IOException {
        if (isOn()) {
            new Evidence(this).collect();
        }
    }

    /** Switches it off, if it is on. */
    @Override
    public void close() throws IOException {
        if (powered.isPresent()) {
            cutPower();
        }
    }

    private PoweredMachine on() {
        return powered.orElseThrow(() -> new IllegalStateException("the machine is off"));
    }

    private static Path variables(MachineSettings settings) {
        return settings.folder().resolve("variables.fd");
    }
}
