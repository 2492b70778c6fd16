package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.ExternalPrograms.Invocation;
import dev.flipside.platform.ExternalPrograms.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExternalProgramsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final ExternalPrograms programs = ExternalPrograms.ofThisMachine();

    @TempDir Path folder;

    private Outcome shell(String script) throws IOException, InterruptedException {
        return programs.run(Invocation.of(LONG, List.of("sh", "-c", script)));
    }

    @Test
    void givesBackBothOutputsAndTheExitCode() throws Exception {
        Outcome outcome = shell("echo out; echo err >&2; exit 3");
        assertEquals("out\n", outcome.output());
        assertEquals("err\n", outcome.errors());
        assertEquals(3, outcome.exitCode());
        assertFalse(outcome.succeeded());
        assertFalse(outcome.timedOut());
        assertFalse(outcome.truncated());
    }

    @Test
    void passesArgumentsAsTheyAreWithoutAShell() throws Exception {
        Outcome outcome =
                programs.run(Invocation.of(LONG, List.of("printf", "%s|", "$HOME", "a b", "*;")));
        assertEquals("$HOME|a b|*;|", outcome.output());
        assertTrue(outcome.succeeded());
    }

    @Test
    void passesOnlyTheEnvironmentThatItNames() throws Exception {
        Outcome outcome =
                programs.run(
                        Invocation.of(LONG, List.of("env")).withEnvironment(Map.of("MINE", "1")));
        assertEquals(
                List.of("HOME", "LANG", "LC_ALL", "MINE", "PATH"),
                outcome.output()
                        .lines()
                        .map(l -> l.substring(0, l.indexOf('=')))
                        .sorted()
                        .toList());
        assertTrue(outcome.output().contains("LC_ALL=C.UTF-8\n"));
    }

    @Test
    void givesInputAndRunsInTheFolder() throws Exception {
        Outcome outcome =
                programs.run(
                        Invocation.of(LONG, List.of("sh", "-c", "cat; pwd -P"))
                                .withInput("grüße\n")
                                .in(folder));
        assertEquals("grüße\n" + folder.toRealPath() + "\n", outcome.output());
    }

    @Test
    void doesNotMindAProgramThatReadsNoInput() throws Exception {
        Outcome outcome =
                programs.run(Invocation.of(LONG, List.of("true")).withInput("x".repeat(1_000_000)));
        assertTrue(outcome.succeeded());
    }

    @Test
    void keepsNoMoreOutputThanItMay() throws Exception {
        Outcome outcome =
                programs.run(
                        Invocation.of(LONG, List.of("head", "-c", "3000000", "/dev/zero"))
                                .withMaxOutputBytes(1000));
        assertEquals(1000, outcome.output().length());
        assertTrue(outcome.truncated());
        assertTrue(outcome.succeeded());
    }

    @Test
    void killsWhatTakesTooLongWithItsChildren() throws Exception {
        Outcome outcome =
                programs.run(
                        Invocation.of(
                                Duration.ofMillis(300),
                                List.of("sh", "-c", "echo begun; sleep 1000 & wait")));
        assertTrue(outcome.timedOut());
        assertFalse(outcome.succeeded());
        assertEquals("begun\n", outcome.output());
    }

    @Test
    void refusesAProgramThatIsNotThere() {
        assertThrows(
                IOException.class,
                () -> programs.run(Invocation.of(LONG, List.of("flipside-no-such-program"))));
    }

    @Test
    void keepsAProgramRunningUntilItIsClosedAndLogsWhatItPrints() throws Exception {
        Path log = folder.resolve("log");
        List<String> line = List.of("sh", "-c", "echo out; echo err >&2; exec sleep 600");
        RunningProgram stays = programs.launch(line, Map.of(), log);
        try (stays) {
            assertTrue(stays.awaitEnd(Duration.ofSeconds(1)).isEmpty());
            assertTrue(stays.isAlive());
            assertEquals("out\nerr\n", Files.readString(log));
        }
        assertEquals(128 + 9, stays.awaitEnd(LONG).orElseThrow());
        try (RunningProgram program =
                programs.launch(List.of("sh", "-c", "exit 3"), Map.of(), log)) {
            assertEquals(3, program.awaitEnd(LONG).orElseThrow());
        }
    }
}
