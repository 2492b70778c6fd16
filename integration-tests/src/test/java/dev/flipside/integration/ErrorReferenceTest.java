package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FailureGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of errors names every code that the programs have, under its group, and no other. */
class ErrorReferenceTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern HEADING = Pattern.compile("## ([a-z-]+) \\(exit (\\d+)\\)");
    private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+)` \\| .+ \\|");

    @Test
    void namesEveryCodeUnderItsGroup() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        String group = "";
        for (String line : page()) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                group = heading.group(1);
            } else if (row.matches()) {
                documented.put(row.group(1), group);
            }
        }
        Map<String, String> existing = new TreeMap<>();
        for (FailureCode code : FailureCode.values()) {
            existing.put(code.code(), code.group().code());
        }
        assertEquals(existing, documented);
    }

    @Test
    void namesTheExitCodeOfEveryGroup() throws IOException {
        Map<String, String> documented =
                page().stream()
                        .map(HEADING::matcher)
                        .filter(Matcher::matches)
                        .collect(
                                Collectors.toMap(
                                        heading -> heading.group(1), heading -> heading.group(2)));
        Map<String, String> existing = new TreeMap<>();
        for (FailureGroup group : FailureGroup.values()) {
            existing.put(group.code(), Integer.toString(group.exitCode()));
        }
        assertEquals(existing, new TreeMap<>(documented));
    }

    @Test
    void everyCodeIsReportedSomewhere() throws IOException {
        String programs = sources();
        for (FailureCode code : FailureCode.values()) {
            assertTrue(
                    programs.contains("FailureCode." + code.name()),
                    code.code() + " is never reported");
        }
    }

    private static List<String> page() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/reference/errors.md"));
    }

    private static String sources() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String module :
                List.of(
                        "image-format",
                        "bootloader-config",
                        "image-builder",
                        "updater",
                        "integration-tests")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/main/java"))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    all.append(Files.readString(file));
                }
            }
        }
        return all.toString();
    }
}
