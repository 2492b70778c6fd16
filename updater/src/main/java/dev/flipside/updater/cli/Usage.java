package dev.flipside.updater.cli;

import java.util.ArrayList;
import java.util.List;

/** The help of a command. */
final class Usage {
    private static final String MARGIN = "  ";

    private Usage() {}

    /** One line: the command with all that it takes. */
    static String synopsis(String path, Command command) {
        StringBuilder line = new StringBuilder(path);
        for (Command.Option option : command.options()) {
            line.append(" [").append(option.word());
            option.value().ifPresent(value -> line.append(' ').append(value));
            line.append(']');
        }
        command.positional().ifPresent(it -> line.append(' ').append(it.synopsis()));
        return command.below().isEmpty() ? line.toString() : line + " COMMAND";
    }

    /** All lines, each with its end. */
    static String of(String path, Command command) {
        StringBuilder text = new StringBuilder();
        text.append("usage: ").append(synopsis(path, command)).append('\n');
        text.append(command.description()).append('\n');
        List<Row> taken = new ArrayList<>();
        command.positional().ifPresent(it -> taken.add(new Row(it.label(), it.description())));
        for (Command.Option option : command.options()) {
            taken.add(new Row(names(option), option.description()));
        }
        append(text, taken);
        if (!command.below().isEmpty()) {
            text.append("commands:\n");
            append(
                    text,
                    command.below().stream()
                            .map(it -> new Row(it.name(), it.description()))
                            .toList());
        }
        return text.toString();
    }

    private record Row(String name, String meaning) {}

    private static String names(Command.Option option) {
        String letter = option.letter().isEmpty() ? "" : "-" + option.letter().get() + ", ";
        String value = option.value().isEmpty() ? "" : " " + option.value().get();
        return letter + option.word() + value;
    }

    private static void append(StringBuilder text, List<Row> rows) {
        int width = 0;
        for (Row row : rows) {
            width = Math.max(width, row.name().length());
        }
        for (Row row : rows) {
            text.append(MARGIN).append(row.name());
            text.append(" ".repeat(width - row.name().length())).append(MARGIN);
            text.append(row.meaning()).append('\n');
        }
    }
}
