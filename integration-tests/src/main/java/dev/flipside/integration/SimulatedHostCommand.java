package dev.flipside.integration;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.config.ConfigFile;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.HostEffects;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code simulated-host}: installs a disk image on a host of files and folders, and
 * presses its power button.
 *
 * <p>Exit codes: 0 it runs; 2 wrong usage; 10 to 14 an expected failure, by its group, among them a
 * host that stands still; 70 a bug.
 */
public final class SimulatedHostCommand {
    private static final String NAME = "simulated-host";
    private static final int EXIT_USAGE = 2;
    private static final int EXIT_BUG = 70;

    private final PrintStream out;
    private final PrintStream err;

    private SimulatedHostCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(new SimulatedHostCommand(System.out, System.err).run(arguments));
    }

    private int run(String... arguments) {
        CommandLine line = new CommandLine(specification());
        try {
            ParseResult parsed = line.parseArgs(arguments);
            CommandLine chosen = parsed.asCommandLineList().getLast();
            if (chosen.isUsageHelpRequested()) {
                chosen.usage(out);
                return 0;
            }
            if (!parsed.hasSubcommand()) {
                throw new ParameterException(line, "Missing command");
            }
            execute(parsed.subcommand());
            return 0;
        } catch (ParameterException e) {
            err.println(NAME + ": " + e.getMessage());
            err.print("usage: " + e.getCommandLine().getHelp().synopsis(0));
            return EXIT_USAGE;
        } catch (FlipsideException e) {
            return failed(e.failure());
        } catch (IOException e) {
            return failed(
                    new Failure(
                            FailureCode.IO_FAILED,
                            "reading or writing",
                            "it to succeed",
                            e.toString(),
                            "check the folders of the host"));
        } catch (RuntimeException | Error e) {
            e.printStackTrace(err);
            return EXIT_BUG;
        }
    }

    private int failed(Failure failure) {
        err.println(NAME + ": " + failure.line());
        return failure.code().group().exitCode();
    }

    private void execute(ParseResult options) throws IOException, FlipsideException {
        Path folder = options.matchedOptionValue("--dir", Path.of(""));
        boolean json = options.hasMatchedOption("--json");
        if (options.commandSpec().name().equals("install")) {
            HostInstallation.run(
                    options.matchedOptionValue("--disk", Path.of("")),
                    folder,
                    options.matchedOptionValue("--url", URI.create("")),
                    options.matchedOptionValue("--channel", "stable"));
            String text = "installed; switch it on with '%s boot --dir %s'".formatted(NAME, folder);
            out.println(json ? StrictJson.object().put("installed", folder.toString()) : text);
        } else {
            boot(HostFolder.existing(folder), json);
        }
    }

    private void boot(HostFolder host, boolean json) throws IOException, FlipsideException {
        UpdaterConfig config = ConfigFile.load(host.configuration());
        InstantSource clock = InstantSource.system();
        Consumer<String> console =
                line ->
                        out.println(
                                json
                                        ? StrictJson.object().put("event", "line").put("text", line)
                                        : line);
        SimulatedHost.Rest rest;
        try (HostRuntime runtime = HostRuntime.open(config, clock, progress -> {})) {
            HostEffects effects = runtime.effects();
            SimulatedHost.Machine machine =
                    new SimulatedHost.Machine(
                            effects.disk(),
                            effects.esp(),
                            effects.state(),
                            host.system(),
                            config.health().folders(),
                            () -> runtime.coordinator().afterBoot());
            rest = new SimulatedHost(machine, clock, console).powerOn();
        }
        switch (rest) {
            case SimulatedHost.Rest.Running running -> tell(running, json);
            case SimulatedHost.Rest.Stopped(String why, int boots) ->
                    throw new FlipsideException(
                            FailureCode.SLOT_UNKNOWN,
                            "host '%s'".formatted(host.folder()),
                            "a boot that reaches user space",
                            "%s (after %d boots)".formatted(why, boots),
                            "look at its console above, and at esp/loader/entries");
        }
    }

    private void tell(SimulatedHost.Rest.Running running, boolean json) {
        if (json) {
            out.println(
                    StrictJson.object()
                            .put("event", "running")
                            .put("rootHash", running.rootHash())
                            .put("entry", running.fileName())
                            .put("boots", running.boots()));
        } else {
            out.println(
                    "running after %d boot%s"
                            .formatted(running.boots(), running.boots() == 1 ? "" : "s"));
        }
    }

    private static CommandSpec specification() {
        CommandSpec install =
                command("install", "Makes a host from a disk image.")
                        .addOption(option("--disk", "DISK", Path.class, true, "The disk image."))
                        .addOption(option("--dir", "HOST", Path.class, true, "The host's folder."))
                        .addOption(
                                option("--url", "URL", URI.class, true, "The host's repository."))
                        .addOption(
                                option(
                                        "--channel",
                                        "NAME",
                                        String.class,
                                        false,
                                        "The channel that it follows; stable."));
        CommandSpec boot =
                command("boot", "Presses the power button, and watches until it is at rest.")
                        .addOption(option("--dir", "HOST", Path.class, true, "The host's folder."));
        return command(NAME, "A host of files and folders that boots as a real one does.")
                .addSubcommand("install", install)
                .addSubcommand("boot", boot);
    }

    private static CommandSpec command(String name, String description) {
        CommandSpec specification = CommandSpec.create().name(name);
        specification.usageMessage().description(description);
        return specification
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
