package dev.flipside.updater.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One command of {@code flipctl}, as data: what it is called, what it takes, and what is below it.
 * The command line is read by it, and help, manual page and completions are written from it.
 *
 * @param ownOptions those that not every command has
 */
public record Command(
        String name,
        String description,
        List<Option> ownOptions,
        Optional<Positional> positional,
        List<Command> below) {
    static final String CONFIG = "--config";
    static final String JSON = "--json";
    static final String HELP = "--help";

    private static final List<Option> SHARED =
            List.of(
                    option(
                            CONFIG,
                            "FILE",
                            "The configuration; /etc/flipside/flipside.toml unless given."),
                    flag(JSON, "Print JSON."),
                    new Option(Optional.of("h"), "help", Optional.empty(), "Show this help."));

    public Command {
        Objects.requireNonNull(name);
        Objects.requireNonNull(description);
        ownOptions = List.copyOf(ownOptions);
        Objects.requireNonNull(positional);
        below = List.copyOf(below);
    }

    /**
     * One option.
     *
     * @param letter its one-letter name without the dash
     * @param name its name without the dashes
     * @param value what follows it, in capitals
     */
    public record Option(
            Optional<String> letter, String name, Optional<String> value, String description) {
        /** As it is written. */
        public String word() {
            return "--" + name;
        }
    }

    /** What stands on a command line without a name. */
    public record Positional(String label, boolean required, String description) {
        /** As a synopsis shows it. */
        public String synopsis() {
            return required ? label : "[" + label + "]";
        }
    }

    static Command of(String name, String description, Option... options) {
        return new Command(name, description, List.of(options), Optional.empty(), List.of());
    }

    /** A command that only has commands below it. */
    static Command group(String name, String description, List<Command> below) {
        return new Command(name, description, List.of(), Optional.empty(), below);
    }

    /** The same with a version of the product, which may be left out unless it is required. */
    Command withVersion(boolean required) {
        return new Command(
                name,
                description,
                ownOptions,
                Optional.of(
                        new Positional("VERSION", required, "A version of the host's product.")),
                below);
    }

    static Option option(String word, String label, String description) {
        return new Option(Optional.empty(), word.substring(2), Optional.of(label), description);
    }

    static Option flag(String word, String description) {
        return new Option(Optional.empty(), word.substring(2), Optional.empty(), description);
    }

    /** All that it takes, its own first. */
    public List<Option> options() {
        List<Option> all = new ArrayList<>(ownOptions);
        all.addAll(SHARED);
        return all;
    }

    /** The command of that name below this one. */
    Optional<Command> named(String wanted) {
        for (Command command : below) {
            if (command.name.equals(wanted)) {
                return Optional.of(command);
            }
        }
        return Optional.empty();
    }
}
