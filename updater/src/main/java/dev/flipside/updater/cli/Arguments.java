package dev.flipside.updater.cli;

import dev.flipside.toml.NearestName;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A command line as it was meant. Options stand anywhere, as {@code --name VALUE} or {@code
 * --name=VALUE}; the last one of a name counts; what follows {@code --} is no option.
 *
 * @param command what is to be done
 * @param path its name after those that it is below of
 * @param options the value of each option that was given, by its name with the dashes; empty for
 *     one that has none
 */
record Arguments(
        Command command, String path, Map<String, String> options, Optional<String> positional) {

    /** What a command line does not mean. */
    static final class WrongUsage extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Command command;
        private final String path;

        WrongUsage(Arguments sofar, String message) {
            super(message);
            this.command = sofar.command;
            this.path = sofar.path;
        }

        /** How the command is used that was not understood. */
        String synopsis() {
            return Usage.synopsis(path, command);
        }
    }

    static Arguments parse(Command program, List<String> words) throws WrongUsage {
        Arguments arguments =
                new Arguments(program, program.name(), new TreeMap<>(), Optional.empty());
        boolean options = true;
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String word = rest.next();
            if (options && word.equals("--")) {
                options = false;
            } else if (options && word.length() > 1 && word.startsWith("-")) {
                arguments.takeOption(word, rest);
            } else {
                arguments = arguments.with(word);
            }
        }
        return arguments.complete();
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    private void takeOption(String word, Iterator<String> rest) throws WrongUsage {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        Command.Option option = known(name);
        if (option.value().isEmpty() && equals >= 0) {
            throw new WrongUsage(this, "expected no value for '%s', found one".formatted(name));
        }
        String value = equals < 0 ? "" : word.substring(equals + 1);
        if (option.value().isPresent() && equals < 0) {
            if (!rest.hasNext()) {
                throw new WrongUsage(
                        this,
                        "expected %s after '%s', found nothing"
                                .formatted(option.value().get(), name));
            }
            value = rest.next();
        }
        options.put(option.word(), value);
    }

    private Command.Option known(String name) throws WrongUsage {
        for (Command.Option option : command.options()) {
            if (option.word().equals(name)
                    || (option.letter().isPresent() && name.equals("-" + option.letter().get()))) {
                return option;
            }
        }
        List<String> known = command.options().stream().map(Command.Option::word).toList();
        throw new WrongUsage(
                this,
                "expected an option of '%s', found '%s'; did you mean '%s'?"
                        .formatted(path, name, NearestName.of(name, known)));
    }

    private Arguments with(String word) throws WrongUsage {
        if (!command.below().isEmpty()) {
            Optional<Command> next = command.named(word);
            if (next.isEmpty()) {
                List<String> known = command.below().stream().map(Command::name).toList();
                throw new WrongUsage(
                        this,
                        "expected a command, found '%s'; did you mean '%s'?"
                                .formatted(word, NearestName.of(word, known)));
            }
            return new Arguments(next.get(), path + " " + word, options, positional);
        }
        if (command.positional().isEmpty() || positional.isPresent()) {
            throw new WrongUsage(
                    this, "expected nothing more after '%s', found '%s'".formatted(path, word));
        }
        return new Arguments(command, path, options, Optional.of(word));
    }

    private Arguments complete() throws WrongUsage {
        if (has(Command.HELP)) {
            return this;
        }
        if (!command.below().isEmpty()) {
            throw new WrongUsage(this, "expected a command, found none");
        }
        if (positional.isEmpty()
                && command.positional().isPresent()
                && command.positional().get().required()) {
            throw new WrongUsage(
                    this,
                    "expected %s after '%s', found nothing"
                            .formatted(command.positional().get().label(), path));
        }
        return this;
    }
}
