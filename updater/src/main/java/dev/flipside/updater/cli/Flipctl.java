package dev.flipside.updater.cli;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command {@code flipctl}: what an operator does with a host.
 *
 * <p>Exit codes: 0 done, or nothing to do; 2 wrong usage; 10 to 14 an expected failure, by its
 * group; 70 a bug.
 */
public final class Flipctl {
    static final int EXIT_OK = 0;
    static final int EXIT_USAGE = 2;
    static final int EXIT_BUG = 70;

    private static final String NAME = "flipctl";
    private static final String DEFAULT_CONFIG = "/etc/flipside/flipside.toml";

    private final Command root =
            Command.group(NAME, "Updates this host, and explains itself.", commands());
    private final InstantSource clock;

    Flipctl(InstantSource clock) {
        this.clock = clock;
    }

    public static void main(String[] arguments) {
        System.exit(new Flipctl(InstantSource.system()).run(Console.ofThisProcess(), arguments));
    }

    /** Every command, in the order in which the help lists them. */
    private static List<Command> commands() {
        return Stream.of(updates(), wishes(), reports()).flatMap(List::stream).toList();
    }

    private static List<Command> updates() {
        return List.of(
                Command.of(
                        "status",
                        "Show what runs and what is going on.",
                        Asking::status,
                        Command.flag(
                                Watch.OPTION, "Stay, and show what happens; needs the daemon.")),
                Command.of(
                        "check",
                        "Ask the repository, and decide.",
                        Doing::operation,
                        Command.version(false)),
                Command.of(
                        "stage",
                        "Write a release to the inactive slot, and prove it.",
                        Doing::operation,
                        Command.version(false),
                        now()),
                Command.of(
                        "activate", "Make what is staged the next boot.", Doing::operation, now()),
                Command.of(
                        "update",
                        "Check, stage and activate; reboot if the policy says so.",
                        Doing::operation,
                        Command.version(false),
                        now()),
                Command.of("reboot", "Restart the machine.", Doing::operation),
                Command.of(
                        "rollback",
                        "Return to the other slot, or take an activation back.",
                        Doing::operation),
                Command.of(
                        "settle",
                        "After a boot was found good: commit, or record a rollback.",
                        Doing::operation));
    }

    private static OptionSpec now() {
        return Command.flag(Doing.NOW, "Wait for no maintenance window, no wave and no age.");
    }

    private static List<Command> wishes() {
        return List.of(
                Command.of(
                        "pin",
                        "Stay on, or go to, exactly this version.",
                        Doing::operation,
                        Command.version(true),
                        Command.option(Doing.UNTIL, "DATE", "When the pin runs out by itself.")),
                Command.of("unpin", "Follow the channel again.", Doing::operation),
                Command.of("hold", "Take no updates.", Doing::operation),
                Command.of("unhold", "Take updates again.", Doing::operation),
                Command.of(
                        "allow",
                        "Try a version again that was undone.",
                        Doing::operation,
                        Command.version(true)));
    }

    private static List<Command> reports() {
        return List.of(
                Command.of("why", "Explain the last decision, rule by rule.", Asking::why),
                Command.of("history", "Show what has happened.", Asking::history),
                Command.of(
                        "health",
                        "Run the health checks of the release that runs.",
                        Health::run,
                        Command.flag(
                                Health.TRIAL,
                                "Judge this boot: write the outcome down, and mark it bad if it"
                                        + " is.")),
                Command.of("grow", "Give the host all of a disk that has grown.", Grow::run),
                Command.of("verify", "Read both slots and check every block.", Verify::run),
                Command.group(
                        "config",
                        "Look at the configuration.",
                        List.of(
                                Command.of(
                                        "check", "Check the configuration.", Configuration::check),
                                Command.of(
                                        "show",
                                        "Show every key and its value.",
                                        Configuration::show),
                                Command.of(
                                        "reload",
                                        "Have the daemon read its configuration again.",
                                        Configuration::reload))));
    }

    /** Every command with its options, for the pages and completions that are made of them. */
    public static CommandSpec model() {
        return new Flipctl(InstantSource.system()).root.spec();
    }

    List<Command> commandsForReference() {
        return root.below();
    }

    int run(Console console, String... arguments) {
        try {
            return dispatch(console, new CommandLine(root.spec()).parseArgs(arguments));
        } catch (ParameterException e) {
            return usage(console, e.getCommandLine(), e.getMessage());
        }
    }

    private int dispatch(Console console, ParseResult parsed) {
        Command command = root;
        ParseResult options = parsed;
        String config = parsed.matchedOptionValue(Command.CONFIG, DEFAULT_CONFIG);
        boolean json = parsed.hasMatchedOption(Command.JSON);
        while (options.hasSubcommand()) {
            options = options.subcommand();
            command = below(command, options.commandSpec());
            config = options.matchedOptionValue(Command.CONFIG, config);
            json |= options.hasMatchedOption(Command.JSON);
        }
        CommandLine line = options.commandSpec().commandLine();
        if (options.isUsageHelpRequested()) {
            line.usage(console.out());
            return EXIT_OK;
        }
        if (!command.below().isEmpty()) {
            return usage(console, line, "Missing command");
        }
        return execute(
                command, new Invocation(options, Path.of(config), console.withJson(json), clock));
    }

    private static Command below(Command group, CommandSpec spec) {
        return group.below().stream()
                .filter(command -> command.spec().name().equals(spec.name()))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "no command has the specification " + spec.name()));
    }

    private static int execute(Command command, Invocation invocation) {
        try {
            command.action().run(invocation);
            return EXIT_OK;
        } catch (FlipsideException e) {
            return fail(invocation.console(), e.failure());
        } catch (IOException e) {
            return fail(
                    invocation.console(),
                    new Failure(
                            FailureCode.IO_FAILED,
                            "reading or writing",
                            "it to succeed",
                            e.toString(),
                            "check the folders in the configuration"));
        } catch (RuntimeException | Error e) {
            e.printStackTrace(invocation.console().err());
            return EXIT_BUG;
        }
    }

    private static int fail(Console console, Failure failure) {
        console.failure(failure);
        return failure.code().group().exitCode();
    }

    private static int usage(Console console, CommandLine line, String message) {
        console.complain(message);
        console.err().print("usage: " + line.getHelp().synopsis(0));
        console.err().flush();
        return EXIT_USAGE;
    }
}
