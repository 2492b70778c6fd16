package dev.flipside.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says before it starts a machine; it starts none here. */
class FlipsideTestTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir Path folder;

    @BeforeEach
    void makeWhatItAsksFor() throws Exception {
        Files.write(folder.resolve("disk"), new byte[512]);
        Files.createDirectories(folder.resolve("repo/metadata"));
        Files.writeString(folder.resolve("good.toml"), "name = \"x\"\n[[step]]\ndo = \"boot\"\n");
        Files.writeString(folder.resolve("bad.toml"), "name = \"x\"\n[[step]]\ndo = \"bot\"\n");
    }

    @Test
    void refusesWrongUsage() {
        assertRefuses(2, "Missing required options: ", "--disk", "disk");
        assertRefuses(
                2, "Unknown option: '--frob'", arguments("disk", "repo", "good.toml", "--frob"));
    }

    @Test
    void refusesInOneLineWhatIsNotThere() {
        assertRefuses(
                12,
                "none: expected a disk image, found nothing there; give another one with --disk",
                arguments("none", "repo", "good.toml"));
        assertRefuses(
                12,
                "disk: expected a repository, with a folder 'metadata', found something else",
                arguments("disk", "disk", "good.toml"));
        assertRefuses(
                12,
                "none.toml: expected a scenario, found nothing there",
                arguments("disk", "repo", "none.toml"));
    }

    @Test
    void refusesAFolderForResultsBeforeItStartsAMachine() {
        assertRefuses(
                12,
                folder + ": expected a file, found something else; give another one with --junit",
                arguments("disk", "repo", "good.toml", "--junit", folder.toString()));
    }

    @Test
    void readsEveryScenarioBeforeItStartsAMachine() {
        assertRefuses(
                12,
                "bad.toml, line 3: expected one of activate",
                arguments(
                        "disk",
                        "repo",
                        "good.toml",
                        "--scenario",
                        folder.resolve("bad.toml").toString()));
        assertEquals("", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void thePageNamesEveryOptionAndEveryExitCode() throws Exception {
        String page = Files.readString(Path.of("../docs/reference/scenarios.md"));
        assertEquals(0, run("--help"));
        String help = out.toString(StandardCharsets.UTF_8);
        Pattern.compile("--[a-z]+")
                .matcher(help)
                .results()
                .map(MatchResult::group)
                .filter(option -> !option.equals("--help"))
                .forEach(option -> assertTrue(page.contains("`" + option + "`"), option));
        for (String code : new String[] {"0", "1", "2", "3", "10 to 14", "70"}) {
            assertTrue(page.contains("| " + code + " |"), code);
        }
    }

    private String[] arguments(String disk, String repository, String scenario, String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--disk",
                                folder.resolve(disk).toString(),
                                "--repo",
                                folder.resolve(repository).toString(),
                                "--scenario",
                                folder.resolve(scenario).toString()));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private void assertRefuses(int exitCode, String message, String... arguments) {
        err.reset();
        assertEquals(exitCode, run(arguments));
        String text = err.toString(StandardCharsets.UTF_8);
        assertTrue(text.startsWith("flipside-test: "), text);
        assertTrue(text.contains(message), text);
    }

    private int run(String... arguments) {
        return new FlipsideTest(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(arguments);
    }
}
