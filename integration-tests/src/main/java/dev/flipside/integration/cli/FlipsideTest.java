package dev.flipside.integration.cli;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.MissingTool;
import dev.flipside.integration.scenario.Scenario;
import dev.flipside.integration.scenario.ScenarioFile;
import dev.flipside.integration.scenario.run.JunitXml;
import dev.flipside.integration.scenario.run.ScenarioResult;
import dev.flipside.integration.scenario.run.ScenarioResult.Kind;
import dev.flipside.integration.scenario.run.TestBench;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code flipside-test}: plays scenarios with a disk and a repository on a machine in
 * QEMU.
 *
 * <p>Exit codes: 0 all passed; 1 a scenario failed; 2 wrong usage; 3 a machine could not be driven;
 * 10 to 14 an expected failure before the first step, by its group; 70 a bug.
 */
public final class FlipsideTest {
    private static final String NAME = "flipside-test";
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;
    private static final int EXIT_UNKNOWN = 3;
    private static final int EXIT_BUG = 70;

    private final PrintStream out;
    private final PrintStream err;

    FlipsideTest(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(new FlipsideTest(System.out, System.err).run(arguments));
    }

    int run(String... arguments) {
        CommandLine line = new CommandLine(specification());
        try {
            ParseResult options = line.parseArgs(arguments);
            if (options.isUsageHelpRequested()) {
                line.usage(out);
                return 0;
            }
            return play(options);
        } catch (ParameterException e) {
            err.println(NAME + ": " + e.getMessage());
            err.print("usage: " + line.getHelp().synopsis(0));
            return EXIT_USAGE;
        } catch (FlipsideException e) {
            return failed(e.failure());
        } catch (MissingTool e) {
            return failed(e.failure());
        } catch (IOException e) {
            return failed(
                    new Failure(
                            FailureCode.IO_FAILED,
                            "reading or writing",
                            "it to succeed",
                            e.toString(),
                            "check --junit, --artifacts and the room in TMPDIR"));
        } catch (RuntimeException | Error e) {
            e.printStackTrace(err);
            return EXIT_BUG;
        }
    }

    private int failed(Failure failure) {
        err.println(NAME + ": " + failure.line());
        return failure.code().group().exitCode();
    }

    private int play(ParseResult options) throws IOException, FlipsideException {
        Path disk = options.matchedOptionValue("--disk", Path.of(""));
        Path repository = options.matchedOptionValue("--repo", Path.of(""));
        requireThat(Files.isRegularFile(disk), disk, "a disk image", "--disk");
        requireThat(
                Files.isDirectory(repository.resolve("metadata")),
                repository,
                "a repository, with a folder 'metadata'",
                "--repo");
        List<Scenario> scenarios = new ArrayList<>();
        for (Path file : options.matchedOptionValue("--scenario", List.<Path>of())) {
            scenarios.add(read(file));
        }
        Optional<Path> junit = junit(options);
        Optional<Path> artifacts =
                Optional.ofNullable(options.matchedOptionValue("--artifacts", null));
        if (artifacts.isPresent()) {
            Files.createDirectories(artifacts.get());
        }
        Path scratch = scratch();
        ScenarioConsole console = new ScenarioConsole(out, options.hasMatchedOption("--json"));
        TestBench bench =
                new TestBench(
                        disk,
                        repository,
                        artifacts,
                        scratch,
                        TestBench.probe(disk, scratch),
                        InstantSource.system());
        List<ScenarioResult> results = new ArrayList<>();
        for (Scenario scenario : scenarios) {
            console.begins(scenario);
            ScenarioResult result = play(bench, scenario, console);
            console.ended(result);
            results.add(result);
            // Each time: a run that is stopped has shown something, too.
            if (junit.isPresent()) {
                Files.writeString(junit.get(), JunitXml.of(results));
            }
        }
        console.total(results);
        return exitCode(results);
    }

    /** Its folder is there before hours are spent on what is to stand in it. */
    private static Optional<Path> junit(ParseResult options) throws IOException, FlipsideException {
        Optional<Path> file = Optional.ofNullable(options.matchedOptionValue("--junit", null));
        if (file.isPresent()) {
            requireThat(!Files.isDirectory(file.get()), file.get(), "a file", "--junit");
            Files.createDirectories(file.get().toAbsolutePath().getParent());
        }
        return file;
    }

    /** As other programs have it; Java itself does not look at TMPDIR. */
    private static Path scratch() throws FlipsideException {
        String variable = Optional.ofNullable(System.getenv("TMPDIR")).orElse("");
        Path scratch =
                Path.of(variable.isEmpty() ? System.getProperty("java.io.tmpdir") : variable);
        requireThat(Files.isDirectory(scratch), scratch, "a folder", "TMPDIR");
        return scratch;
    }

    /** A machine that cannot be put together ends this scenario, and not what others have shown. */
    private static ScenarioResult play(TestBench bench, Scenario scenario, ScenarioConsole console)
            throws MissingTool {
        Instant start = bench.clock().instant();
        try {
            return bench.play(scenario, console);
        } catch (MissingTool e) {
            throw e;
        } catch (IOException e) {
            return new ScenarioResult(
                    scenario,
                    start,
                    Duration.between(start, bench.clock().instant()),
                    List.of(),
                    Optional.of(
                            new ScenarioResult.Problem(
                                    Kind.ERROR,
                                    "before the first step",
                                    "expected a machine and a server, found " + e,
                                    List.of())));
        }
    }

    private static int exitCode(List<ScenarioResult> results) {
        boolean failed = false;
        boolean unknown = false;
        for (ScenarioResult result : results) {
            Optional<Kind> kind = result.problem().map(ScenarioResult.Problem::kind);
            failed |= kind.equals(Optional.of(Kind.FAILED));
            unknown |= kind.equals(Optional.of(Kind.ERROR));
        }
        return failed ? EXIT_FAILED : unknown ? EXIT_UNKNOWN : 0;
    }

    private static Scenario read(Path file) throws FlipsideException {
        try (InputStream in = Files.newInputStream(file)) {
            return ScenarioFile.parse(in.readNBytes(ScenarioFile.MAX_BYTES + 1), file.toString());
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.INPUT_MISSING,
                            file.toString(),
                            "a scenario",
                            e instanceof NoSuchFileException ? "nothing there" : e.toString(),
                            "give another file with --scenario"),
                    e);
        }
    }

    private static void requireThat(boolean is, Path path, String expected, String option)
            throws FlipsideException {
        if (!is) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    path.toString(),
                    expected,
                    Files.exists(path) ? "something else" : "nothing there",
                    "give another one with " + option);
        }
    }

    private static CommandSpec specification() {
        CommandSpec specification = CommandSpec.create().name(NAME);
        specification
                .usageMessage()
                .description("Plays scenarios with your disk and your repository in QEMU.");
        return specification
                .addOption(option("--disk", "DISK", Path.class, true, "The disk image; only read."))
                .addOption(option("--repo", "REPO", Path.class, true, "The repository's folder."))
                .addOption(
                        OptionSpec.builder("--scenario")
                                .paramLabel("FILE")
                                .type(List.class)
                                .auxiliaryTypes(Path.class)
                                .required(true)
                                .description("A scenario; may be given again.")
                                .build())
                .addOption(option("--junit", "FILE", Path.class, false, "Results as JUnit XML."))
                .addOption(
                        option(
                                "--artifacts",
                                "DIR",
                                Path.class,
                                false,
                                "Keeps logs of what failed there."))
                .addOption(flag("--json", "Print one JSON object per line."))
                .addOption(
                        OptionSpec.builder("-h", "--help")
                                .type(boolean.class)
                                .usageHelp(true)
                                .description("Show this help.")
                                .build());
    }

    private static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).description(description).build();
    }

    private static OptionSpec option(
            String name, String label, Class<?> type, boolean required, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(type)
                .required(required)
                .description(description)
                .build();
    }
}
