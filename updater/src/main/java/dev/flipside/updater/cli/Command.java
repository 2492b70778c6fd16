package dev.flipside.updater.cli;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** One command of {@code flipctl}: what it is called, what it takes, and what it does. */
record Command(CommandSpec spec, Action action, List<Command> below) {
    static final String CONFIG = "--config";
    static final String JSON = "--json";
    static final String HELP = "--help";

    Command {
        Objects.requireNonNull(spec);
        Objects.requireNonNull(action);
        below = List.copyOf(below);
    }

    /** What a command does when its options have been parsed. */
    @FunctionalInterface
    interface Action {
        void run(Invocation invocation) throws FlipsideException, IOException;
    }

    static Command of(String name, String description, Action action, ArgSpec... arguments) {
        CommandSpec spec = named(name, description);
        for (ArgSpec argument : arguments) {
            spec.add(argument);
        }
        return new Command(spec, action, List.of());
    }

    /** A command that only has commands below it. */
    static Command group(String name, String description, List<Command> below) {
        CommandSpec spec = named(name, description);
        below.forEach(command -> spec.addSubcommand(command.spec().name(), command.spec()));
        return new Command(
                spec,
                invocation -> {
                    throw new IllegalStateException("a group of commands is not a command");
                },
                below);
    }

    static ArgSpec version(boolean required) {
        return PositionalParamSpec.builder()
                .index("0")
                .arity(required ? "1" : "0..1")
                .required(required)
                .paramLabel("VERSION")
                .type(String.class)
                .description("A version of the host's product.")
                .build();
    }

    static OptionSpec option(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(String.class)
                .description(description)
                .build();
    }

    static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).description(description).build();
    }

    private static CommandSpec named(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description);
        spec.addOption(
                OptionSpec.builder(CONFIG)
                        .paramLabel("FILE")
                        .type(String.class)
                        .description("The configuration; /etc/flipside/flipside.toml unless given.")
                        .build());
        spec.addOption(flag(JSON, "Print JSON."));
        spec.addOption(
                OptionSpec.builder("-h", HELP)
                        .type(boolean.class)
                        .usageHelp(true)
                        .description("Show this help.")
                        .build());
        return spec;
    }
}
