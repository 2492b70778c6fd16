package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A page that names a test as a proof names one that exists. */
class NamedTestsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED =
            Pattern.compile("`([A-Z][A-Za-z]+Test)?(?:\\.([a-z]\\w+))?`");

    @Test
    void everyTestThatThePagesNameExists() throws IOException {
        Map<String, String> tests = tests();
        List<String> named = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (Path page : files(ROOT.resolve("docs"), ".md")) {
            for (String line : Files.readAllLines(page)) {
                for (Name name : names(line)) {
                    named.add(name.test());
                    String source = tests.getOrDefault(name.test(), "");
                    if (source.isEmpty() || !source.contains(name.method())) {
                        missing.add(page.getFileName() + ": " + name);
                    }
                }
            }
        }
        assertFalse(named.isEmpty(), "the pages name tests");
        assertEquals(List.of(), missing);
    }

    /**
     * One name.
     *
     * @param method with its parenthesis; empty where the whole class is meant
     */
    private record Name(String test, String method) {}

    /** {@code `ATest.one`, `.two`} names two methods of one class; before a class it names none. */
    private static List<Name> names(String line) {
        List<Name> names = new ArrayList<>();
        String test = "";
        for (MatchResult match : NAMED.matcher(line).results().toList()) {
            test = match.group(1) == null ? test : match.group(1);
            if (!test.isEmpty()) {
                names.add(new Name(test, match.group(2) == null ? "" : match.group(2) + "("));
            }
        }
        return names;
    }

    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new TreeMap<>();
        for (String module :
                List.of(
                        "image-format",
                        "platform",
                        "bootloader-config",
                        "image-builder",
                        "updater",
                        "integration-tests")) {
            for (Path file : files(ROOT.resolve(module + "/src/test/java"), "Test.java")) {
                String name = file.getFileName().toString().replace(".java", "");
                tests.merge(name, Files.readString(file), String::concat);
            }
        }
        return tests;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }
}
