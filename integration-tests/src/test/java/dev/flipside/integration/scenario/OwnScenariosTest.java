package dev.flipside.integration.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scenarios that are in the repository, and those on its pages, can be played. */
class OwnScenariosTest {
    private static final Path FOLDER = Path.of("src/test/scenarios");
    private static final Pattern EXAMPLE =
            Pattern.compile("```toml\n(name = .*?)```", Pattern.DOTALL);

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyScenarioCanBeRead(Path file) throws Exception {
        Scenario scenario = ScenarioFile.parse(Files.readAllBytes(file), file.toString());
        assertFalse(scenario.steps().isEmpty());
    }

    @Test
    void noTwoHaveTheSameName() throws Exception {
        List<String> names = new ArrayList<>();
        for (Path file : files()) {
            names.add(ScenarioFile.parse(Files.readAllBytes(file), file.toString()).name());
        }
        assertEquals(names.size(), names.stream().distinct().count(), names::toString);
    }

    @Test
    void thePagesShowScenariosThatCanBeRead() throws Exception {
        for (String page : List.of("how-to/test-your-image-in-ci.md", "reference/scenarios.md")) {
            String text = Files.readString(Path.of("../docs").resolve(page));
            List<String> examples =
                    EXAMPLE.matcher(text).results().map((MatchResult it) -> it.group(1)).toList();
            assertFalse(examples.isEmpty(), page);
            for (String example : examples) {
                ScenarioFile.parse(example.getBytes(StandardCharsets.UTF_8), page);
            }
        }
    }
}
