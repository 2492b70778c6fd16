package dev.flipside.updater.cli.pages;

import dev.flipside.updater.cli.Command;
import java.util.List;
import java.util.stream.Collectors;

/** A command as fish completes it: one {@code complete} for each word, see complete(1) of fish. */
final class FishCompletion {
    private final String program;
    private final StringBuilder text = new StringBuilder();

    private FishCompletion(String program) {
        this.program = program;
    }

    static String of(Command command) {
        FishCompletion completion = new FishCompletion(command.name());
        completion.complete("-f");
        command.options().forEach(option -> completion.option("", option));
        completion.commands(command, "");
        return completion.text.toString();
    }

    /**
     * @param above the condition under which the words so far have led to the command; empty for
     *     the program itself
     */
    private void commands(Command command, String above) {
        List<Command> below = command.below();
        String names = below.stream().map(Command::name).collect(Collectors.joining(" "));
        String open =
                above.isEmpty()
                        ? "not __fish_seen_subcommand_from " + names
                        : above + "; and not __fish_seen_subcommand_from " + names;
        for (Command each : below) {
            complete(
                    "-n %s -a %s -d %s"
                            .formatted(
                                    quoted(open), quoted(each.name()), quoted(each.description())));
        }
        for (Command each : below) {
            String here = "__fish_seen_subcommand_from " + each.name();
            String chosen = above.isEmpty() ? here : above + "; and " + here;
            each.ownOptions().forEach(option -> option("-n " + quoted(chosen) + " ", option));
            if (!each.below().isEmpty()) {
                commands(each, chosen);
            }
        }
    }

    private void option(String condition, Command.Option option) {
        complete(
                condition
                        + option.letter().map(letter -> "-s " + letter + " ").orElse("")
                        + "-l "
                        + option.name()
                        + option.value()
                                .map(label -> label.equals("FILE") ? " -r -F" : " -x")
                                .orElse("")
                        + " -d "
                        + quoted(option.description()));
    }

    private void complete(String words) {
        text.append("complete -c ").append(program).append(' ').append(words).append('\n');
    }

    private static String quoted(String words) {
        return "'" + words.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
