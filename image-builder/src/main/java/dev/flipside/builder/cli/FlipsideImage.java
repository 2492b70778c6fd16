package dev.flipside.builder.cli;

import dev.flipside.builder.release.BuilderVersion;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFull;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code flipside-image}: from a root file system to a signed, bootable release.
 *
 * <p>Exit codes: 0 done; 2 wrong usage; 10 to 14 an expected failure, by its group; 70 a bug.
 */
public final class FlipsideImage {
    static final int EXIT_OK = 0;
    static final int EXIT_USAGE = 2;
    static final int EXIT_BUG = 70;

    private static final String NAME = "flipside-image";

    private final Command root;

    FlipsideImage(List<Command> commands) {
        root = Command.group(NAME, "Builds, signs and publishes releases.", commands);
        root.spec()
                .version(NAME + " " + BuilderVersion.current())
                .addOption(
                        OptionSpec.builder("--version")
                                .type(boolean.class)
                                .versionHelp(true)
                                .description("Show the version.")
                                .build());
    }

    public static void main(String[] arguments) {
        System.exit(new FlipsideImage(commands()).run(Console.system(), arguments));
    }

    /** Every command, in the order in which the help lists them. */
    private static List<Command> commands() {
        BuildClock clock = new BuildClock(System.getenv());
        return List.of(
                KeyCommand.command(clock),
                BuildCommand.command(clock),
                DiskCommand.command(clock),
                InspectCommand.command(),
                DiffCommand.command(),
                VerifyCommand.command(),
                RepoCommand.command(clock));
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
        boolean json = options.hasMatchedOption(Command.JSON);
        while (options.hasSubcommand()) {
            options = options.subcommand();
            command = below(command, options.commandSpec());
            json |= options.hasMatchedOption(Command.JSON);
        }
        CommandLine line = options.commandSpec().commandLine();
        if (options.isUsageHelpRequested()) {
            line.usage(console.out());
            return EXIT_OK;
        }
        if (options.isVersionHelpRequested()) {
            line.printVersionHelp(console.out());
            return EXIT_OK;
        }
        if (command.action() instanceof Command.Group) {
            return usage(console, line, "Missing command");
        }
        return execute(console.withJson(json), command, options);
    }

    private static Command below(Command group, CommandSpec spec) {
        if (group.action() instanceof Command.Group(List<Command> commands)) {
            for (Command command : commands) {
                if (command.spec().name().equals(spec.name())) {
                    return command;
                }
            }
        }
        throw new IllegalStateException("no command has the specification " + spec.name());
    }

    private static int execute(Console console, Command command, ParseResult options) {
        try {
            command.action().run(options, console);
            return EXIT_OK;
        } catch (FlipsideException e) {
            return fail(console, e.failure());
        } catch (IOException e) {
            return fail(console, ioFailure(e));
        } catch (RuntimeException | Error e) {
            e.printStackTrace(console.err());
            return EXIT_BUG;
        }
    }

    private static int fail(Console console, Failure failure) {
        console.failure(failure);
        return failure.code().group().exitCode();
    }

    private static Failure ioFailure(IOException e) {
        String what = e instanceof FileSystemException file ? file.getFile() : "reading or writing";
        String found = e.getClass().getSimpleName() + ": " + e.getMessage();
        if (DiskFull.isReasonFor(e)) {
            return new Failure(
                    FailureCode.NO_ROOM,
                    String.valueOf(what),
                    "room to write",
                    found,
                    "free some space and run the command again");
        }
        return new Failure(
                FailureCode.IO_FAILED,
                String.valueOf(what),
                "reads and writes to succeed",
                found,
                "check the path, its permissions and the disk, and run the command again");
    }

    private static int usage(Console console, CommandLine line, String message) {
        console.complain(message);
        console.err().print("usage: " + line.getHelp().synopsis(0));
        console.err().flush();
        return EXIT_USAGE;
    }
}
