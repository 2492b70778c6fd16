package dev.flipside.updater.cli.pages;

import dev.flipside.failure.FailureGroup;
import dev.flipside.updater.cli.Command;

/** A command as a manual page, in the macros of man(7). */
final class ManualPage {
    private final StringBuilder text = new StringBuilder();

    private ManualPage() {}

    static String of(Command command) {
        ManualPage page = new ManualPage();
        page.macro("TH " + command.name().toUpperCase(java.util.Locale.ROOT) + " 1 \"\" Flipside");
        page.macro("SH NAME");
        page.plain(command.name() + " \\- " + escaped(command.description()));
        page.macro("SH SYNOPSIS");
        page.plain(
                "\\fB%s\\fR [\\fB\\-\\-config\\fR \\fIFILE\\fR] \\fICOMMAND\\fR [\\fB\\-\\-json\\fR]"
                        .formatted(command.name()));
        page.macro("SH COMMANDS");
        page.commands(command, "");
        page.macro("SH OPTIONS");
        page.plain("They may stand before or after the command.");
        command.options().forEach(page::option);
        page.exitCodes();
        page.ending();
        return page.text.toString();
    }

    private void commands(Command above, String prefix) {
        for (Command command : above.below()) {
            if (command.below().isEmpty()) {
                command(command, prefix);
            } else {
                commands(command, prefix + command.name() + " ");
            }
        }
    }

    private void command(Command command, String prefix) {
        StringBuilder head = new StringBuilder("\\fB" + escaped(prefix + command.name()) + "\\fR");
        command.positional()
                .ifPresent(
                        positional ->
                                head.append(" \\fI")
                                        .append(escaped(positional.synopsis()))
                                        .append("\\fR"));
        macro("TP");
        plain(head.toString());
        plain(escaped(command.description()));
        if (!command.ownOptions().isEmpty()) {
            macro("RS");
            command.ownOptions().forEach(this::option);
            macro("RE");
        }
    }

    private void option(Command.Option option) {
        macro("TP");
        plain(
                option.letter().map(letter -> "\\fB\\-" + letter + "\\fR, ").orElse("")
                        + "\\fB\\-\\-"
                        + escaped(option.name())
                        + "\\fR"
                        + option.value()
                                .map(value -> " \\fI" + escaped(value) + "\\fR")
                                .orElse(""));
        plain(escaped(option.description()));
    }

    private void exitCodes() {
        macro("SH EXIT STATUS");
        exitCode(0, "done, or nothing to do");
        exitCode(2, "wrong usage");
        for (FailureGroup group : FailureGroup.values()) {
            exitCode(group.exitCode(), group.code());
        }
        exitCode(70, "a bug");
    }

    private void exitCode(int code, String meaning) {
        macro("TP");
        plain("\\fB" + code + "\\fR");
        plain(escaped(meaning));
    }

    private void ending() {
        macro("SH FILES");
        plain("/etc/flipside/flipside.toml, /etc/flipside/config.d, /usr/lib/flipside/config.d");
        macro("SH SEE ALSO");
        plain("\\fBflipsided\\fR(8)");
    }

    private void macro(String macro) {
        text.append('.').append(macro).append('\n');
    }

    private void plain(String line) {
        text.append(line).append('\n');
    }

    /** A line that starts with a dot or an apostrophe would be a macro to man(7). */
    private static String escaped(String line) {
        String safe = line.replace("\\", "\\e").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
