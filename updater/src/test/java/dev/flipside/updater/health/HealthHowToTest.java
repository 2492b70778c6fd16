package dev.flipside.updater.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.ExternalPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/how-to/write-health-checks.md says, as the updater reads and runs it. */
final class HealthHowToTest {
    private static final Path PAGE = Path.of("..", "docs", "how-to", "write-health-checks.md");
    private static final Path SHIPPED =
            Path.of("src/main/sysroot/usr/lib/flipside/health.d/10-flipside.toml");

    @TempDir Path folder;

    @Test
    void everyFileOnThePageIsUnderstood() throws Exception {
        List<String> files = blocks("toml");
        assertEquals(4, files.size());
        int checks = 0;
        for (String file : files) {
            checks += CheckFile.parse(file.getBytes(StandardCharsets.UTF_8), "page").size();
        }
        assertEquals(7, checks);
    }

    @Test
    void theFileThatTheSysrootBringsIsUnderstood() throws Exception {
        List<HealthCheck> checks = CheckFile.parse(Files.readAllBytes(SHIPPED), "shipped");
        assertEquals(
                List.of("another update can be staged", "the updater runs"),
                checks.stream().map(HealthCheck::name).toList());
    }

    @Test
    void theScriptOnThePagePassesAndFails() throws Exception {
        String script = blocks("sh").getFirst();
        assertTrue(run(script).passed());
        HealthResult full = run(script.replace("-lt 1024", "-lt 99999999999999"));
        assertTrue(full.failed());
        assertTrue(
                full.evidence()
                        .startsWith(
                                "expected exit code 0, found 1: expected 1 MiB free in /var/tmp"),
                full.evidence());
    }

    @Test
    void theReferenceNamesEveryType() throws Exception {
        String reference = Files.readString(Path.of("..", "docs", "reference", "health.md"));
        for (String type : CheckFile.TYPES) {
            assertTrue(reference.contains("\n| `%s` |".formatted(type)), type);
        }
        assertFalse(CheckFile.TYPES.isEmpty());
    }

    private HealthResult run(String script) throws IOException {
        Path file = folder.resolve("60-scratch-space");
        Files.writeString(file, script);
        assertTrue(file.toFile().setExecutable(true));
        HostSurroundings machine =
                new HostSurroundings(
                        new FolderRoot(folder),
                        ExternalPrograms.ofThisMachine(),
                        () -> {},
                        () -> {});
        return new CommandCheck(
                        new CheckTerms("it", true, Duration.ofSeconds(20)),
                        List.of(file.toString()))
                .run(machine);
    }

    private static List<String> blocks(String language) throws IOException {
        Matcher matcher =
                Pattern.compile("```%s\n(.*?)```".formatted(language), Pattern.DOTALL)
                        .matcher(Files.readString(PAGE));
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }
}
