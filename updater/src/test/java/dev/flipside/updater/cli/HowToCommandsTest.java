package dev.flipside.updater.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An operator who follows a how-to page types commands that exist. */
class HowToCommandsTest {
    private static final Path PAGES = Path.of("../docs/how-to");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
    private static final Pattern IN_A_SENTENCE = Pattern.compile("`(flipctl [^`]*)`");

    static List<String> flipctlLines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith("flipctl ")) {
                lines.add(line);
            }
            IN_A_SENTENCE.matcher(line).results().forEach(it -> lines.add(it.group(1)));
        }
        return lines;
    }

    @ParameterizedTest
    @MethodSource("flipctlLines")
    void flipctlKnows(String line) {
        // A sentence may leave out which version is meant.
        String whole = line.matches("flipctl (allow|pin)") ? line + " VERSION" : line;
        List<String> words = List.of(whole.substring("flipctl ".length()).split(" "));
        assertDoesNotThrow(() -> Arguments.parse(Commands.FLIPCTL, words), whole);
    }

    @Test
    void flipsideImageKnowsEveryOptionThatIsNamed() throws IOException {
        String reference = Files.readString(Path.of("../docs/reference/flipside-image.md"));
        List<String> unknown = new ArrayList<>();
        int commands = 0;
        for (String line : lines()) {
            if (line.startsWith("image-builder/flipside-image ")) {
                commands++;
                OPTION.matcher(line)
                        .results()
                        .map(it -> it.group())
                        .filter(it -> !reference.contains("`" + it))
                        .filter(it -> !reference.contains(it + " "))
                        .forEach(it -> unknown.add(it + " in " + line));
            }
        }
        assertFalse(commands == 0, "the pages name commands");
        assertEquals(List.of(), unknown);
    }

    private static List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> pages = Files.list(PAGES)) {
            for (Path page : pages.sorted().toList()) {
                lines.addAll(Files.readAllLines(page));
            }
        }
        return lines;
    }
}
