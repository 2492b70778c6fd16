package dev.flipside.updater.cli.pages;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** One command as words on a page: its name, what it takes, and what each of that means. */
record CommandWords(CommandSpec spec) {
    CommandWords {
        Objects.requireNonNull(spec);
    }

    /**
     * One option.
     *
     * @param letter its one-letter name without the dash
     * @param name its name without the dashes
     * @param value what follows it, in capitals
     */
    record Option(
            Optional<String> letter, String name, Optional<String> value, String description) {
        private static Option of(OptionSpec option) {
            return new Option(
                    Arrays.stream(option.names())
                            .filter(name -> !name.startsWith("--"))
                            .map(name -> name.substring(1))
                            .findFirst(),
                    option.longestName().substring(2),
                    option.arity().max() == 0 ? Optional.empty() : Optional.of(option.paramLabel()),
                    first(option.description()));
        }
    }

    /** What stands on a command line without a name. */
    record Positional(String label, boolean required, String description) {
        private static Positional of(PositionalParamSpec positional) {
            return new Positional(
                    positional.paramLabel(),
                    positional.required(),
                    first(positional.description()));
        }

        /** As a synopsis shows it. */
        String synopsis() {
            return required ? label : "[" + label + "]";
        }
    }

    String name() {
        return spec.name();
    }

    String description() {
        return first(spec.usageMessage().description());
    }

    List<Option> options() {
        return spec.options().stream().map(Option::of).toList();
    }

    /** The options that the command does not share with the one that it is below of. */
    List<Option> ownOptions(CommandWords above) {
        List<Option> shared = above.options();
        return options().stream().filter(option -> !shared.contains(option)).toList();
    }

    List<Positional> positionals() {
        return spec.positionalParameters().stream().map(Positional::of).toList();
    }

    List<CommandWords> below() {
        return spec.subcommands().values().stream()
                .map(line -> new CommandWords(line.getCommandSpec()))
                .toList();
    }

    private static String first(String[] description) {
        return description.length == 0 ? "" : description[0];
    }
}
