package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.integration.machine.Machine;
import dev.flipside.integration.scenario.Scenario;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import dev.flipside.integration.scenario.ScenarioFile;
import dev.flipside.integration.scenario.Step;
import dev.flipside.integration.scenario.run.QemuGuest;
import dev.flipside.integration.scenario.run.ScenarioResult;
import dev.flipside.integration.scenario.run.ScenarioResult.StepResult;
import dev.flipside.integration.scenario.run.ScenarioRun;
import dev.flipside.integration.scenario.run.TestBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario of {@code src/test/scenarios} on a booted machine, by its name. */
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(ReferenceMachines.Extension.class)
class ScenarioMachineTest {
    private static final boolean ALL = Boolean.getBoolean("flipside.all");
    private static final Path FOLDER = Path.of("src/test/scenarios");
    private static final String MOVING = "moving";

    /** What is played without {@code --all}, too. */
    private static final Set<String> ALWAYS =
            Set.of(
                    "local-rollback.toml",
                    "power-cut-in-the-first-boot.toml",
                    "three-updates-in-a-row.toml",
                    "usb-without-network.toml");

    private static final String CHECK =
            """
            [[check]]
            name = "reference-host-is-ready"
            type = "file"
            path = "/usr/lib/reference-host/ready"
            """;

    static List<Named<Path>> scenarios() throws Exception {
        List<Named<Path>> scenarios = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            // The last is the first to be played, and should be one that takes long.
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (ALL || ALWAYS.contains(file.getFileName().toString())) {
                    scenarios.add(Named.of(read(file).name(), file));
                }
            }
        }
        return scenarios;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void plays(Path file, ReferenceMachines machines) throws Exception {
        Path folder = machines.folder("scenarios").resolve(stem(file));
        Tools.find("rm").check("-rf", folder);
        Path copy = Files.createDirectories(folder).resolve(file.getFileName());
        Files.copy(file, copy);
        Scenario scenario = read(copy);
        // What one scenario publishes, another must not see half of.
        synchronized (machines.vendor()) {
            publish(file.getFileName().toString(), machines.vendor(), folder);
        }
        ScenarioResult result =
                needsItsOwnServer(scenario)
                        ? onItsOwnBench(scenario, machines)
                        : fromTheSuspendedMachine(scenario, machines);
        assertTrue(result.passed(), () -> result.problem().toString());
    }

    private static Scenario read(Path file) throws Exception {
        return ScenarioFile.parse(Files.readAllBytes(file), file.toString());
    }

    /** What all scenarios may update to, and the channels of those that follow one. */
    private static void publish(String name, ReferenceVendor vendor, Path folder)
            throws IOException {
        vendor.release("2", new TreeMap<>());
        vendor.release("3", new TreeMap<>());
        vendor.release(
                "bad", new TreeMap<>(Map.of("usr/lib/flipside/health.d/50-test.toml", CHECK)));
        switch (name) {
            case "floor.toml" -> {
                vendor.release("2-secure", new TreeMap<>(), "--security-version", "2");
                vendor.release("3-secure", new TreeMap<>(), "--security-version", "2");
                vendor.promote("2-secure", "floored");
                vendor.change("floor", "2", "--channel", "floored");
            }
            case "withdrawn.toml" -> {
                vendor.promote("2", MOVING);
                copy(vendor, folder.resolve("repository-before"));
                vendor.change("withdraw", "2", "--channel", MOVING, "--instead", "3");
                copy(vendor, folder.resolve("repository-after"));
            }
            default -> {}
        }
        copy(vendor, folder.resolve("repository"));
    }

    /**
     * What stands in the repository now, whatever others publish later: files are only replaced.
     */
    private static void copy(ReferenceVendor vendor, Path to) throws IOException {
        Tools.find("cp").check("-al", vendor.repository(), to);
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ".toml".length());
    }

    /** One that a suspended machine does not know. */
    private static boolean needsItsOwnServer(Scenario scenario) {
        return scenario.configuration().isPresent()
                || scenario.steps().stream().anyMatch(it -> it.step() instanceof Step.Serve);
    }

    private static ScenarioResult onItsOwnBench(Scenario scenario, ReferenceMachines machines)
            throws IOException {
        Path folder = Path.of(scenario.file()).getParent();
        boolean moving = scenario.configuration().orElse("").contains(MOVING);
        return new TestBench(
                        machines.golden(),
                        folder.resolve(moving ? "repository-before" : "repository").toRealPath(),
                        Optional.of(folder),
                        folder,
                        machines.acceleration(),
                        InstantSource.system())
                .play(scenario, new Told());
    }

    private static ScenarioResult fromTheSuspendedMachine(
            Scenario scenario, ReferenceMachines machines) throws IOException {
        Machine machine =
                Machine.of(machines.settings(stem(Path.of(scenario.file()))), machines.tree());
        Path disk = machine.settings().disk();
        InstantSource clock = InstantSource.system();
        try (QemuGuest guest = new QemuGuest(machine, Path.of("nothing is served"), clock)) {
            ScenarioResult result = new ScenarioRun(guest, clock, new Told()).run(scenario);
            requireUntouchedMenu(guest.serialLines());
            return result;
        } finally {
            Files.deleteIfExists(disk);
        }
    }

    /** A command for the guest's shell that is typed into the boot menu may choose what boots. */
    private static void requireUntouchedMenu(List<String> serial) {
        assertEquals(
                List.of(),
                serial.stream().filter(line -> line.contains("(h)elp")).toList(),
                "the boot menu was shown, and somebody typed");
    }

    /** A line for each step, in the test's output. */
    private static final class Told implements ScenarioRun.Listener {
        @Override
        public void begins(Scenario scenario, NumberedStep step) {}

        @Override
        public void ended(Scenario scenario, StepResult step) {
            System.out.printf(
                    "%s: %s, %d s%n",
                    scenario.name(), step.step().title(), step.duration().toSeconds());
        }

        @Override
        public void afterwards(Scenario scenario, IOException why) {
            throw new UncheckedIOException(why);
        }
    }
}
