package dev.flipside.updater.cli;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

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

    private static final String DEFAULT_CONFIG = "/etc/flipside/flipside.toml";

    private final InstantSource clock;

    Flipctl(InstantSource clock) {
        this.clock = clock;
    }

    public static void main(String[] arguments) {
        int exitCode = new Flipctl(InstantSource.system()).run(Console.ofThisProcess(), arguments);
        System.out.flush();
        System.err.flush();
        // Everything is closed. System.exit looks for a logger first, in the whole index of the
        // jar.
        Runtime.getRuntime().halt(exitCode);
    }

    int run(Console console, String... words) {
        Arguments arguments;
        try {
            arguments = Arguments.parse(Commands.FLIPCTL, List.of(words));
        } catch (Arguments.WrongUsage e) {
            console.complain(e.getMessage());
            console.err().println("usage: " + e.synopsis());
            console.err().flush();
            return EXIT_USAGE;
        }
        if (arguments.has(Command.HELP)) {
            console.out().print(Usage.of(arguments.path(), arguments.command()));
            console.out().flush();
            return EXIT_OK;
        }
        return execute(
                new Invocation(
                        arguments,
                        Path.of(arguments.option(Command.CONFIG).orElse(DEFAULT_CONFIG)),
                        console.withJson(arguments.has(Command.JSON)),
                        clock));
    }

    private static void perform(Invocation invocation) throws FlipsideException, IOException {
        switch (invocation.arguments().path()) {
            case "flipctl status" -> Asking.status(invocation);
            case "flipctl why" -> Asking.why(invocation);
            case "flipctl history" -> Asking.history(invocation);
            case "flipctl health" -> Health.run(invocation);
            case "flipctl grow" -> Grow.run(invocation);
            case "flipctl verify" -> Verify.run(invocation);
            case "flipctl config check" -> Configuration.check(invocation);
            case "flipctl config show" -> Configuration.show(invocation);
            case "flipctl config reload" -> Configuration.reload(invocation);
            default -> Doing.operation(invocation);
        }
    }

    private static int execute(Invocation invocation) {
        try {
            perform(invocation);
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
}
