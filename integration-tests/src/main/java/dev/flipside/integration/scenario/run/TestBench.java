package dev.flipside.integration.scenario.run;

import dev.flipside.integration.NginxServer;
import dev.flipside.integration.ScratchFolder;
import dev.flipside.integration.ToolTree;
import dev.flipside.integration.machine.Acceleration;
import dev.flipside.integration.machine.CopyOnWriteDisk;
import dev.flipside.integration.machine.Firmware;
import dev.flipside.integration.machine.Machine;
import dev.flipside.integration.machine.MachineSettings;
import dev.flipside.integration.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Puts a machine and a server together for each scenario, and takes them apart again: no scenario
 * finds anything of another one.
 *
 * @param disk only read
 * @param artifacts where the logs of what failed are kept
 * @param scratch a folder with room for what the guest writes to its disk
 */
public record TestBench(
        Path disk,
        Path repository,
        Optional<Path> artifacts,
        Path scratch,
        Acceleration acceleration,
        InstantSource clock) {
    private static final String PREFIX = "flipside-test-";
    private static final String DROP_INS = "/etc/flipside/config.d/";
    private static final List<String> KEPT =
            List.of("serial.log", "qemu.log", "journal.txt", "flipside.txt", "screen.png");

    /** Whether that disk reaches user space with KVM here. */
    public static Acceleration probe(Path disk, Path scratch) throws IOException {
        try (ScratchFolder folder = ScratchFolder.create(scratch, PREFIX)) {
            ToolTree tree = ToolTree.ofThisMachine();
            return Acceleration.probe(
                    MachineSettings.of(folder.path(), disk, Firmware.of(tree)),
                    tree,
                    folder.path());
        }
    }

    /**
     * Plays a scenario with a machine of its own. A result that there is stands, whatever fails
     * when its logs are kept and the machine is taken apart; the listener is told.
     *
     * @throws IOException when machine or server cannot be put together
     */
    public ScenarioResult play(Scenario scenario, ScenarioRun.Listener listener)
            throws IOException {
        Optional<ScenarioResult> result = Optional.empty();
        try (ScratchFolder scratched = ScratchFolder.create(scratch, PREFIX)) {
            Path folder = scratched.path();
            Path served = folder.resolve("repository");
            Files.createSymbolicLink(served, repository.toAbsolutePath());
            try (NginxServer server = NginxServer.serve(served, folder.resolve("nginx"));
                    Guest guest = guest(scenario, folder, served, server)) {
                result = Optional.of(new ScenarioRun(guest, clock, listener).run(scenario));
                if (!result.get().passed() && artifacts.isPresent()) {
                    keep(folder, artifacts.get().resolve(stem(scenario)));
                }
            }
        } catch (IOException e) {
            if (result.isEmpty()) {
                throw e;
            }
            listener.afterwards(scenario, e);
        }
        return result.orElseThrow();
    }

    private Guest guest(Scenario scenario, Path folder, Path served, NginxServer server)
            throws IOException {
        ToolTree tree = ToolTree.ofThisMachine();
        Path layer = folder.resolve("disk.qcow2");
        CopyOnWriteDisk.make(tree, disk, layer);
        // To the guest, 10.0.2.2 is the loopback of the machine that QEMU runs on.
        String source =
                """
                [source]
                url = "http://10.0.2.2:%d"
                mirrors = []
                proxy = "none"
                """
                        .formatted(server.uri().getPort());
        MachineSettings asShipped =
                MachineSettings.of(folder, layer, Firmware.of(tree))
                        .withAcceleration(acceleration)
                        .withFile(DROP_INS + "90-flipside-test.toml", source);
        MachineSettings settings =
                scenario.configuration()
                        .map(text -> asShipped.withFile(DROP_INS + "91-flipside-test.toml", text))
                        .orElse(asShipped);
        return new QemuGuest(Machine.of(settings, tree), served, clock);
    }

    private static String stem(Scenario scenario) {
        String name = String.valueOf(Path.of(scenario.file()).getFileName());
        return name.endsWith(".toml") ? name.substring(0, name.length() - 5) : name;
    }

    private static void keep(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : KEPT) {
            if (Files.exists(from.resolve(name))) {
                Files.copy(
                        from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
