package dev.flipside.integration.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the walls that docs/architecture.md draws. */
class ArchitectureTest {
    private static final Pattern PACKAGE = Pattern.compile("package ([a-z.]+);");
    private static final Pattern CLASS = Pattern.compile("class ([A-Za-z]+)");

    private static JavaClasses house;

    @TempDir Path folder;

    @BeforeAll
    static void readTheHouse() {
        house =
                new ClassFileImporter()
                        .importPaths(Stream.of(House.values()).map(House::classes).toList());
    }

    static Stream<Rule> rules() {
        return Stream.concat(ModuleRules.all().stream(), CodeRules.all().stream());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theHouseKeeps(Rule rule) {
        rule.rule().check(house);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aClassCanBreak(Rule rule) throws IOException {
        JavaClasses broken = new ClassFileImporter().importPath(compile(rule.counterexample()));
        assertTrue(
                rule.rule().allowEmptyShould(true).evaluate(broken).hasViolation(),
                () -> rule + " accepts " + rule.counterexample());
    }

    @Test
    void everyModuleHasClassesToLookAt() {
        for (House module : House.values()) {
            assertTrue(Files.isDirectory(module.classes()), module.classes().toString());
        }
    }

    private Path compile(String counterexample) throws IOException {
        List<String> arguments = new ArrayList<>();
        for (String source : counterexample.split("---")) {
            Path file =
                    folder.resolve(first(PACKAGE, source).replace('.', '/'))
                            .resolve(first(CLASS, source) + ".java");
            Files.createDirectories(file.getParent());
            Files.writeString(file, source);
            arguments.add(file.toString());
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        arguments.addAll(List.of("-proc:none", "-d", classes.toString()));
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
        int exitCode =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, arguments.toArray(String[]::new));
        assertEquals(0, exitCode, counterexample);
        return classes;
    }

    private static String first(Pattern pattern, String source) {
        Matcher matcher = pattern.matcher(source);
        assertTrue(matcher.find(), source);
        return matcher.group(1);
    }
}
