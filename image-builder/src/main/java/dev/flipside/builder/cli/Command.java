package dev.flipside.builder.cli;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * One command of {@code flipside-image}, or a group of them: what it is called, what it takes and
 * what it does.
 *
 * @param spec name, description and options, with {@code --json} and {@code --help} already added
 */
public record Command(CommandSpec spec, Action action) {
    static final String JSON = "--json";
    static final String HELP = "--help";

    public Command {
        Objects.requireNonNull(spec);
        Objects.requireNonNull(action);
    }

    /**
     * What a command does when its options have been parsed. An {@link IOException} is reported as
     * {@code io-failed}; whatever can say better what to do throws a {@link FlipsideException}.
     */
    @FunctionalInterface
    public interface Action {
        void run(ParseResult options, Console console) throws FlipsideException, IOException;
    }

    /** A command with its options and positional parameters. */
    public static Command of(
            String name, String description, List<? extends ArgSpec> arguments, Action action) {
        CommandSpec spec = named(name, description);
        arguments.forEach(spec::add);
        return new Command(spec, action);
    }

    /** A command that only has commands below it, as {@code key} has {@code generate}. */
    public static Command group(String name, String description, List<Command> commands) {
        CommandSpec spec = named(name, description);
        for (Command command : commands) {
            spec.addSubcommand(command.spec().name(), command.spec());
        }
        return new Command(spec, new Group(commands));
    }

    /** A named option with one value of the given type. */
    public static OptionSpec option(
            String name, String label, Class<?> type, boolean required, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(type)
                .required(required)
                .description(description)
                .build();
    }

    /** A named option with one text each time that it is given. */
    public static OptionSpec repeatable(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .description(description)
                .build();
    }

    /** The refusal of a value that an option cannot have: {@code argument-invalid}. */
    public static FlipsideException invalid(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                what,
                expected,
                "'" + found + "'",
                "give another value");
    }

    /** The action of a group: there is nothing to do without one of its commands. */
    record Group(List<Command> commands) implements Action {
        Group {
            commands = List.copyOf(commands);
        }

        @Override
        public void run(ParseResult options, Console console) {
            throw new IllegalStateException("a group of commands is not a command");
        }
    }

    private static CommandSpec named(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description);
        spec.addOption(
                OptionSpec.builder(JSON)
                        .type(boolean.class)
                        .description("Print one JSON object per line.")
                        .build());
        spec.addOption(
                OptionSpec.builder("-h", HELP)
                        .type(boolean.class)
                        .usageHelp(true)
                        .description("Show this help.")
                        .build());
        return spec;
    }
}
