package dev.flipside.updater.cli.pages;

import dev.flipside.updater.cli.Command;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A command as bash completes it: a function for {@code complete -F}, see bash(1). */
final class BashCompletion {
    private static final String SCRIPT =
            """
            _complete_PROGRAM() {
              local word=${COMP_WORDS[COMP_CWORD]} path= before= each commands options
              for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case $before in
                  OF_FILES | OF_WORDS) before=; continue ;;
                esac
                before=$each
                case "$path $each" in
                  PATHS) path="$path $each" ;;
                esac
              done
              case $before in
                OF_FILES) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
                OF_WORDS) COMPREPLY=(); return ;;
              esac
              case $path in
            CASES  esac
              case $word in
                -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word") ;;
                *) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word") ;;
              esac
            }
            complete -F _complete_PROGRAM PROGRAM
            """;

    private BashCompletion() {}

    static String of(Command program) {
        Map<String, Command> commands = new LinkedHashMap<>();
        collect(program, "", commands);
        return SCRIPT.replace("PROGRAM", program.name())
                .replace("OF_FILES", followedBy(commands, true))
                .replace("OF_WORDS", followedBy(commands, false))
                .replace(
                        "PATHS",
                        commands.keySet().stream()
                                .filter(path -> !path.isEmpty())
                                .map(path -> "'" + path + "'")
                                .collect(Collectors.joining(" | ")))
                .replace(
                        "CASES",
                        commands.entrySet().stream()
                                .map(each -> words(each.getKey(), each.getValue()))
                                .collect(Collectors.joining()));
    }

    /** Each command by its names, every one after a space; the program itself by none. */
    private static void collect(Command command, String path, Map<String, Command> commands) {
        commands.put(path, command);
        command.below().forEach(below -> collect(below, path + " " + below.name(), commands));
    }

    /** The options that a file, or another word, follows. */
    private static String followedBy(Map<String, Command> commands, boolean file) {
        return commands.values().stream()
                .flatMap(command -> command.options().stream())
                .filter(option -> option.value().isPresent())
                .filter(option -> option.value().get().equals("FILE") == file)
                .map(Command.Option::word)
                .distinct()
                .collect(Collectors.joining(" | "));
    }

    private static String words(String path, Command command) {
        List<String> below = command.below().stream().map(Command::name).toList();
        List<String> options = command.options().stream().map(Command.Option::word).toList();
        return "    '%s') commands='%s' options='%s' ;;\n"
                .formatted(path, String.join(" ", below), String.join(" ", options));
    }
}
