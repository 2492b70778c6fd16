package dev.flipside.updater.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.updater.boot.BootControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a trial does on a {@code /var} that could not be mounted (decision 0018), or is full. */
final class TrialOnBadVarTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));

    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final Duration SOAK = Duration.ofMinutes(1);

    @TempDir Path root;
    private Duration took = Duration.ZERO;

    @Test
    void aVarThatStaysIsNoMatter() {
        assertEquals(Optional.empty(), HealthResult.ofVar(false, true));
        assertEquals(Optional.empty(), HealthResult.ofVar(false, false));
    }

    @Test
    void aReleaseWithoutItsVarIsGivenUpWhileAnotherCanBoot() throws Exception {
        FaultyFolder esp = esp();
        Verdict verdict = judge(esp, HealthResult.ofVar(true, true).orElseThrow());
        assertFalse(verdict.healthy());
        assertTrue(verdict.failures().getFirst().contains("/var"), verdict.toString());
        assertEquals(Duration.ZERO, took, "what waiting does not mend");
        assertEquals(List.of("flipside-0000000002+0-1.conf"), esp.list(EspLayout.ENTRIES));
    }

    @Test
    void theOnlyReleaseThatBootsIsKept() throws Exception {
        FaultyFolder esp = esp();
        assertTrue(judge(esp, HealthResult.ofVar(true, false).orElseThrow()).healthy());
        assertEquals(SOAK, took);
        assertEquals(List.of("flipside-0000000002+2-1.conf"), esp.list(EspLayout.ENTRIES));
    }

    @Test
    void theOtherChecksAreMadeAllTheSame() throws Exception {
        needAFileThatIsNotThere();
        Verdict verdict = judge(esp(), HealthResult.ofVar(true, false).orElseThrow());
        assertFalse(verdict.healthy());
        assertEquals(2, verdict.results().size());
    }

    @Test
    void aFullVarUndoesNoRelease() throws Exception {
        FaultyFolder esp = esp();
        FaultyFolder state = new FaultyFolder(1);
        state.limitTo(0);
        Verdict verdict = judge(esp, state, List.of());
        assertTrue(verdict.healthy());
        assertTrue(
                verdict.results().getFirst().line().contains("No space left"), verdict.toString());
        assertEquals(List.of("flipside-0000000002+2-1.conf"), esp.list(EspLayout.ENTRIES));
    }

    @Test
    void aFailedCheckUndoesItOnAFullVarAsWell() throws Exception {
        needAFileThatIsNotThere();
        FaultyFolder esp = esp();
        FaultyFolder state = new FaultyFolder(1);
        state.limitTo(0);
        assertFalse(judge(esp, state, List.of()).healthy());
        assertEquals(List.of("flipside-0000000002+0-1.conf"), esp.list(EspLayout.ENTRIES));
    }

    @Test
    void aVarThatIsReadOnlyKeepsAReleaseFromBeingJudged() throws Exception {
        FaultyFolder esp = esp();
        FaultyFolder state = new FaultyFolder(1);
        state.makeReadOnly(true);
        assertThrows(IOException.class, () -> judge(esp, state, List.of()));
        assertEquals(List.of("flipside-0000000002+2-1.conf"), esp.list(EspLayout.ENTRIES));
    }

    private void needAFileThatIsNotThere() throws IOException {
        Path checks = Files.createDirectories(root.resolve("health.d"));
        Files.writeString(
                checks.resolve("a.toml"),
                "[[check]]\nname = \"none\"\ntype = \"file\"\npath = \"/none\"\n");
    }

    private Verdict judge(FaultyFolder esp, HealthResult known) throws Exception {
        return judge(esp, new FaultyFolder(1), List.of(known));
    }

    private Verdict judge(FaultyFolder esp, FaultyFolder state, List<HealthResult> known)
            throws Exception {
        Trial trial = new Trial(new TrialRecords(state), new BootControl(esp), CLOCK);
        FakeMachine machine = new FakeMachine(new FolderRoot(root));
        Verdict verdict =
                trial.judge(
                        new Trial.Subject(2, "b", "0".repeat(64)),
                        machine,
                        new TrialTerms(List.of("/health.d"), DEADLINE, SOAK),
                        machine,
                        known);
        took = machine.elapsed();
        return verdict;
    }

    private static FaultyFolder esp() {
        FaultyFolder esp = new FaultyFolder(2);
        BootEntry entry =
                BootEntry.flipside(
                        2,
                        Optional.of(new BootCounter(2, 1)),
                        "demo 2",
                        EspLayout.imagePath("a".repeat(64)));
        esp.plant(EspLayout.ENTRIES + "/" + entry.fileName(), entry.content());
        return esp;
    }
}
