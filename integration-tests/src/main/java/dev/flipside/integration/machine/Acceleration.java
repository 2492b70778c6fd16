package dev.flipside.integration.machine;

import dev.flipside.integration.ToolTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Who runs the guest's instructions. */
public enum Acceleration {
    /**
     * QEMU's translator; runs everywhere, some ten times slower. A plain processor (x86-64-v2), as
     * Java makes code for each extension that it finds, and what wide registers win is lost in
     * their translation; but one with instructions for SHA-256, which QEMU has in C: the kernel
     * hashes each block that it reads, and an update each that it finds or writes.
     */
    TCG("tcg,thread=multi,tb-size=512", "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+sha-ni"),
    /** The host's processor, where it can be trusted to run a guest. */
    KVM("kvm", "max");

    private static final Path DEVICE = Path.of("/dev/kvm");
    private static final Duration PROBE = Duration.ofSeconds(30);

    private final String option;
    private final String cpu;

    Acceleration(String option, String cpu) {
        this.option = option;
        this.cpu = cpu;
    }

    /**
     * KVM where such a machine reaches user space with it, else TCG. The device alone says little:
     * in a cloud machine it may be there, make a guest, and hang in its first instructions.
     *
     * @param settings of a machine that boots; nothing is written to its disk
     * @param scratch a folder for the trial, which is left there
     */
    public static Acceleration probe(MachineSettings settings, ToolTree tree, Path scratch)
            throws IOException {
        if (!Files.isWritable(DEVICE)) {
            return TCG;
        }
        Files.createDirectories(scratch);
        Path disk = scratch.resolve("disk.qcow2");
        CopyOnWriteDisk.make(tree, settings.disk(), disk);
        MachineSettings probe =
                MachineSettings.of(scratch, disk, settings.firmware()).withAcceleration(KVM);
        try (Machine machine = Machine.of(probe, tree)) {
            machine.powerOn();
            machine.shell().awaitBoot(PROBE);
            return KVM;
        } catch (IOException e) {
            // Also where QEMU itself is refused the device.
            return TCG;
        } finally {
            Files.deleteIfExists(disk);
        }
    }

    List<String> options() {
        return List.of("-accel", option, "-cpu", cpu);
    }
}
