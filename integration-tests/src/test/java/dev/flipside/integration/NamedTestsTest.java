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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A page that names a test as a proof names one that exists. */
class NamedTestsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED =
            Pattern.compile("`([A-Z][A-Za-z]+Test)(?:\\.([a-z]\\w+))?`");

    @Test
    void everyTestThatThePagesNameExists() throws IOException {
        Map<String, String> tests = tests();
        List<String> named = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (Path page : files(ROOT.resolve("docs"), ".md")) {
            NAMED.matcher(Files.readString(page))
                    .results()
                    .forEach(
                            match -> {
                                named.add(match.group());
                                String source = tests.getOrDefault(match.group(1), "");
                                String method = match.group(2);
                                if (source.isEmpty()
                                        || (method != null && !source.contains(method + "("))) {
                                    missing.add(page.getFileName() + ": " + match.group());
                                }
                            });
        }
        assertFalse(named.isEmpty(), "the pages name tests");
        assertEquals(List.of(), missing);
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
