package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages of the commands name every option that the commands have. */
class CommandReferenceTest {
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
    private static final Path REFERENCE = Path.of("../docs/reference");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key generate",
                "key certificate",
                "build",
                "disk",
                "inspect",
                "diff",
                "verify",
                "repo init",
                "repo publish",
                "repo promote",
                "repo withdraw",
                "repo floor",
                "repo refresh",
                "repo rotate",
                "repo sign",
                "repo import-signature",
                "repo discard",
                "repo gc",
                "repo verify"
            })
    void thePageOfFlipsideImageNamesEveryOption(String command) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(List.of(command.split(" ")));
        arguments.add("--help");
        Set<String> options = options(CommandLine.flipsideImage().check(arguments.toArray()));
        assertTrue(options.size() >= 2, "the help of " + command + " names options");
        Set<String> documented = options(Files.readString(REFERENCE.resolve("flipside-image.md")));
        options.removeAll(documented);
        assertTrue(options.isEmpty(), "not documented: " + options);
    }

    @Test
    void theReadmeUsesOnlyOptionsThatExist() throws Exception {
        String readme = Files.readString(Path.of("../README.md"));
        String commands =
                readme.lines()
                        .filter(line -> line.startsWith("image-builder/flipside-image"))
                        .collect(Collectors.joining("\n"));
        assertFalse(commands.isEmpty());
        Set<String> known = options(Files.readString(REFERENCE.resolve("flipside-image.md")));
        Set<String> used = options(commands);
        used.removeAll(known);
        assertTrue(used.isEmpty(), "unknown options in the README: " + used);
    }

    private static Set<String> options(String text) {
        return OPTION.matcher(text)
                .results()
                .map(match -> match.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
