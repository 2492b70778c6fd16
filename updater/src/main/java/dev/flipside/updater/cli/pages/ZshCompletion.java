package dev.flipside.updater.cli.pages;

import dev.flipside.updater.cli.Command;
import java.util.ArrayList;
import java.util.List;

/** A command as zsh completes it: a function for {@code _arguments}, see zshcompsys(1). */
final class ZshCompletion {
    private final StringBuilder text = new StringBuilder();

    private ZshCompletion() {}

    static String of(Command command) {
        ZshCompletion completion = new ZshCompletion();
        completion.text.append("#compdef ").append(command.name()).append('\n');
        completion.function(command, "_" + command.name());
        completion.text.append("_%s \"$@\"\n".formatted(command.name()));
        return completion.text.toString();
    }

    /** One function for each command; those of the commands below come first. */
    private void function(Command command, String name) {
        command.below().forEach(below -> function(below, name + "_" + below.name()));
        text.append(name).append("() {\n");
        List<String> arguments = new ArrayList<>();
        command.options().forEach(option -> arguments.add(specification(option)));
        command.positional()
                .ifPresent(
                        positional ->
                                arguments.add("':%s: '".formatted(quoted(positional.label()))));
        if (command.below().isEmpty()) {
            text.append("  _arguments ")
                    .append(String.join(" \\\n    ", arguments))
                    .append("\n}\n");
            return;
        }
        arguments.add("'1: :->command'");
        arguments.add("'*:: :->arguments'");
        text.append("  local context curcontext=\"$curcontext\" state state_descr line\n")
                .append("  typeset -A opt_args\n")
                .append("  _arguments -C ")
                .append(String.join(" \\\n    ", arguments))
                .append(" && return\n  case $state in\n  command)\n    local -a commands=(\n");
        command.below()
                .forEach(
                        below ->
                                text.append(
                                        "      '%s:%s'\n"
                                                .formatted(
                                                        quoted(below.name()),
                                                        quoted(below.description()))));
        text.append("    )\n    _describe command commands ;;\n  arguments)\n")
                .append("    case $words[1] in\n");
        command.below()
                .forEach(
                        below ->
                                text.append(
                                        "    %s) %s_%s ;;\n"
                                                .formatted(below.name(), name, below.name())));
        text.append("    esac ;;\n  esac\n}\n");
    }

    private static String specification(Command.Option option) {
        String description = "[" + quoted(option.description()) + "]";
        String value =
                option.value()
                        .map(
                                label ->
                                        ":%s:%s"
                                                .formatted(
                                                        quoted(label),
                                                        label.equals("FILE") ? "_files" : " "))
                        .orElse("");
        String name = "--" + option.name() + (option.value().isPresent() ? "=" : "");
        return option.letter()
                .map(
                        letter ->
                                "'(-%s %s)'{-%s,%s}'%s%s'"
                                        .formatted(letter, name, letter, name, description, value))
                .orElse("'%s%s%s'".formatted(name, description, value));
    }

    /** Within single quotes, where brackets and colons have a meaning to {@code _arguments}. */
    private static String quoted(String words) {
        return words.replace("\\", "\\\\")
                .replace("'", "'\\''")
                .replace("[", "\\[")
                .replace("]", "\\]")
                .replace(":", "\\:");
    }
}
