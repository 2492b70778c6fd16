package dev.flipside.integration;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Source;
import dev.flipside.updater.source.SourceLimits;
import dev.flipside.updater.source.SourceUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code tuf-client}: the trust of a host behind the command line of the public TUF
 * conformance suite.
 *
 * <p>Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 70 a bug.
 */
public final class TufClientCommand {
    private static final String NAME = "tuf-client";
    private static final int EXIT_REFUSED = 1;
    private static final int EXIT_USAGE = 2;
    private static final int EXIT_BUG = 70;

    private final PrintStream err;

    private TufClientCommand(PrintStream err) {
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(new TufClientCommand(System.err).run(arguments));
    }

    private int run(String... arguments) {
        try {
            execute(new CommandLine(specification()).parseArgs(arguments));
            return 0;
        } catch (ParameterException e) {
            err.println(NAME + ": " + e.getMessage());
            return EXIT_USAGE;
        } catch (FlipsideException e) {
            return refused(e.failure());
        } catch (IOException e) {
            return refused(
                    new Failure(
                            FailureCode.IO_FAILED,
                            "reading or writing",
                            "it to succeed",
                            e.toString(),
                            "check both folders"));
        } catch (RuntimeException | Error e) {
            e.printStackTrace(err);
            return EXIT_BUG;
        }
    }

    private int refused(Failure failure) {
        err.println(NAME + ": " + failure.line());
        return EXIT_REFUSED;
    }

    private static void execute(ParseResult parsed) throws FlipsideException, IOException {
        Path metadata = parsed.matchedOptionValue("--metadata-dir", null);
        if (metadata == null || !parsed.hasSubcommand()) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(), "Missing --metadata-dir or command");
        }
        TufClientFolder folder = new TufClientFolder(metadata);
        switch (parsed.subcommand().commandSpec().name()) {
            case "init" -> folder.init(parsed.subcommand().matchedPositionalValue(0, Path.of("")));
            case "refresh" -> refresh(folder, parsed, false);
            case "download" -> refresh(folder, parsed, true);
            case String name -> throw new IllegalStateException(name);
        }
    }

    private static void refresh(TufClientFolder folder, ParseResult parsed, boolean download)
            throws FlipsideException, IOException {
        try (TwoSources source = new TwoSources(open(parsed, "--metadata-url"))) {
            if (download) {
                source.takeTargetsFrom(open(parsed, "--target-base-url"));
            }
            TufClientSession session =
                    TufClientSession.begin(folder, source, InstantSource.system());
            if (download) {
                Path targets = parsed.matchedOptionValue("--target-dir", Path.of(""));
                List<String> names = parsed.matchedOptionValue("--target-name", List.of());
                for (String name : names) {
                    session.download(name, targets);
                }
            }
        }
    }

    private static Source open(ParseResult parsed, String option) throws FlipsideException {
        String url = parsed.matchedOptionValue(option, "");
        return SourceUrl.parse(url).open(SourceLimits.usual());
    }

    private static CommandSpec specification() {
        CommandSpec main = CommandSpec.create().name(NAME);
        main.addOption(option("--metadata-dir", Path.class));
        main.addOption(option("--metadata-url", String.class));
        main.addOption(option("--target-dir", Path.class));
        main.addOption(option("--target-base-url", String.class));
        main.addOption(
                OptionSpec.builder("--target-name")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .paramLabel("PATH")
                        .build());
        CommandSpec init = CommandSpec.create().name("init");
        init.addPositional(
                PositionalParamSpec.builder()
                        .index("0")
                        .type(Path.class)
                        .required(true)
                        .paramLabel("ROOT.json")
                        .build());
        main.addSubcommand("init", init);
        main.addSubcommand("refresh", CommandSpec.create().name("refresh"));
        main.addSubcommand("download", CommandSpec.create().name("download"));
        return main;
    }

    private static OptionSpec option(String name, Class<?> type) {
        return OptionSpec.builder(name).type(type).paramLabel("VALUE").build();
    }
}
