package dev.flipside.updater.cli.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.updater.cli.Command;
import dev.flipside.updater.cli.Commands;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandPagesTest {
    private static final String MANUAL = "man/man1/flipctl.1";
    private static final String ZSH = "zsh/site-functions/_flipctl";
    private static final String FISH = "fish/vendor_completions.d/flipctl.fish";
    private static final String BASH = "bash-completion/completions/flipctl";

    private final Map<String, String> pages = CommandPages.pages();

    @Test
    void writesAManualPageAndACompletionForEachShell() {
        assertEquals(Set.of(MANUAL, ZSH, FISH, BASH), pages.keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {MANUAL, ZSH, FISH, BASH})
    void everyPageHasEveryCommandAndOption(String page) {
        String text = pages.get(page).replace("\\-", "-");
        List<String> words = words(Commands.FLIPCTL);
        assertTrue(words.size() > 20, () -> "few words: " + words);
        for (String word : words) {
            assertTrue(
                    Pattern.compile("(?<![a-z])" + word + "(?![a-z])").matcher(text).find(),
                    () -> page + " lacks " + word);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MANUAL, ZSH, FISH})
    void everyPageSaysWhatTheCommandsDo(String page) {
        String text = pages.get(page).replace("\\-", "-").replace("\\:", ":");
        for (Command command : Commands.FLIPCTL.below()) {
            if (command.below().isEmpty()) {
                assertTrue(text.contains(command.description()), () -> command.name() + page);
            }
        }
    }

    @Test
    void theManualPageNamesTheCommandsOfAGroupByAllTheirWords() {
        assertTrue(pages.get(MANUAL).contains("\n\\fBconfig show\\fR\n"), pages.get(MANUAL));
        assertTrue(pages.get(MANUAL).contains("\n\\fBpin\\fR \\fIVERSION\\fR\n"));
    }

    @Test
    void theManualPageHasNoLineThatManWouldTakeForAnotherMacro() {
        Set<String> macros = Set.of("TH", "SH", "TP", "RS", "RE");
        pages.get(MANUAL)
                .lines()
                .filter(line -> line.startsWith(".") || line.startsWith("'"))
                .forEach(
                        line -> assertTrue(macros.contains(line.substring(1).split(" ")[0]), line));
    }

    private static List<String> words(Command command) {
        List<String> words = new ArrayList<>();
        command.options().forEach(option -> words.add(option.name()));
        for (Command below : command.below()) {
            words.add(below.name());
            words.addAll(words(below));
        }
        return words;
    }
}
