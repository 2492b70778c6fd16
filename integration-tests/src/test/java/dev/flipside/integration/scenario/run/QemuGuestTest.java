package dev.flipside.integration.scenario.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.integration.ToolTree;
import dev.flipside.integration.machine.Firmware;
import dev.flipside.integration.machine.Machine;
import dev.flipside.integration.machine.MachineSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QEMU itself, with a disk from which nothing boots. */
class QemuGuestTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir Path folder;
    private Machine machine;

    @BeforeEach
    void putTogether() throws Exception {
        ToolTree tree = ToolTree.ofThisMachine();
        Path disk = Files.write(folder.resolve("disk.raw"), new byte[1 << 20]);
        machine = Machine.of(MachineSettings.of(folder, disk, Firmware.of(tree)), tree);
    }

    @Test
    void aQemuThatDiesIsNoFaultOfTheGuest() throws Exception {
        try (QemuGuest guest = guest()) {
            guest.powerOn();
            ProcessHandle.current()
                    .descendants()
                    .filter(it -> it.info().commandLine().orElse("").contains(folder.toString()))
                    .forEach(ProcessHandle::destroyForcibly);
            IOException problem = assertThrows(IOException.class, () -> guest.pause(LONG));
            assertTrue(
                    problem.getMessage().contains("found that it ended by itself"),
                    problem::getMessage);
        }
    }

    @Test
    void aGuestThatGoesOffIsJustOff() throws Exception {
        try (QemuGuest guest = guest()) {
            guest.powerOn();
            machine.qmp().execute("quit");
            guest.pause(LONG);
            assertFalse(guest.isOn());
        }
    }

    @Test
    void theCableMayBePulledBeforeTheMachineIsOn() throws Exception {
        try (QemuGuest guest = guest()) {
            guest.network(false);
            guest.powerOn();
            assertTrue(guest.isOn());
        }
    }

    private QemuGuest guest() {
        return new QemuGuest(machine, folder.resolve("nothing is served"), InstantSource.system());
    }
}
