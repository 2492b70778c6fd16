package dev.flipside.updater.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SoakTest {
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final Duration SOAK = Duration.ofMinutes(1);
    private static final String UNIT = "pods.service";

    @TempDir Path folder;

    private FakeMachine machine() {
        return new FakeMachine(new FolderRoot(folder));
    }

    private static HealthCheck units(boolean required) {
        return new UnitsCheck(
                new CheckTerms("units", required, Duration.ofSeconds(10)),
                List.of(UNIT),
                true,
                List.of());
    }

    private static Verdict judge(FakeMachine machine, HealthCheck... checks) throws IOException {
        return new Soak(List.of(checks), List.of(), machine, machine)
                .judge(new TrialTerms(List.of(), DEADLINE, SOAK));
    }

    @Test
    void waitsUntilAllHavePassedAndThenForTheSoak() throws IOException {
        FakeMachine machine = machine();
        machine.unit(UNIT, "activating", 0);
        machine.later.put(Duration.ofSeconds(70), () -> machine.unit(UNIT, "active", 0));
        assertTrue(judge(machine, units(true)).healthy());
        assertEquals(Duration.ofSeconds(70 + 60), machine.elapsed());
    }

    @Test
    void failsAtTheDeadlineAndNotBefore() throws IOException {
        FakeMachine machine = machine();
        machine.unit(UNIT, "activating", 0);
        Verdict verdict = judge(machine, units(true));
        assertEquals(
                List.of("units: expected pods.service active, found activating (sub)"),
                verdict.failures());
        assertEquals(DEADLINE, machine.elapsed());
    }

    @Test
    void failsAServiceThatCrashesInTheSoak() throws IOException {
        FakeMachine machine = machine();
        machine.unit(UNIT, "active", 0);
        machine.later.put(Duration.ofSeconds(40), () -> machine.unit(UNIT, "failed", 0));
        Verdict verdict = judge(machine, units(true));
        assertTrue(
                verdict.failures().getFirst().contains("pods.service has failed"),
                verdict.toString());
        assertEquals(Duration.ofSeconds(40), machine.elapsed());
    }

    @Test
    void failsAServiceThatWasStartedAgainBetweenTwoLooks() throws IOException {
        FakeMachine machine = machine();
        machine.unit(UNIT, "active", 4);
        machine.later.put(Duration.ofSeconds(40), () -> machine.unit(UNIT, "active", 5));
        Verdict verdict = judge(machine, units(true));
        assertEquals(
                List.of(
                        "pods.service: expected it to run through the soak, found it started again (5 times in all)"),
                verdict.failures());
    }

    @Test
    void failsWhenSystemdDoesNotSayWhatWasStartedAgain() throws IOException {
        FakeMachine machine = machine();
        machine.unit(UNIT, "active", 0);
        machine.later.put(Duration.ofSeconds(40), () -> machine.systemdAnswers = false);
        assertEquals(
                List.of(
                        "units: expected to ask systemd, found no bus",
                        "units in the soak: expected to ask systemd, found no bus"),
                judge(machine, units(true)).failures());
    }

    @Test
    void checksThatHangEndAtTheDeadlineHoweverManyThereAre() throws IOException {
        FakeMachine machine = machine();
        machine.programTime = Duration.ofDays(1);
        HealthCheck[] checks = new HealthCheck[8];
        for (int i = 0; i < checks.length; i++) {
            CheckTerms terms = new CheckTerms("check " + i, true, Duration.ofSeconds(100));
            checks[i] = new CommandCheck(terms, List.of("/hangs"));
        }
        Verdict verdict = judge(machine, checks);
        assertEquals(checks.length, verdict.failures().size());
        assertEquals(
                "check 7: expected an answer within 180 s, found that others took all of them",
                verdict.failures().getLast());
        assertEquals(DEADLINE.plusSeconds(1), machine.elapsed());
    }

    @Test
    void whatWasStartedAgainBeforeTheSoakIsForgiven() throws IOException {
        FakeMachine machine = machine();
        machine.unit(UNIT, "activating", 1);
        machine.later.put(Duration.ofSeconds(10), () -> machine.unit(UNIT, "active", 3));
        assertTrue(judge(machine, units(true)).healthy());
    }

    @Test
    void aWantedCheckReportsAndUndoesNothing() throws IOException {
        FakeMachine machine = machine();
        machine.unit(UNIT, "failed", 0);
        Verdict verdict = judge(machine, units(false));
        assertTrue(verdict.healthy());
        assertFalse(verdict.results().getFirst().passed());
        assertEquals(SOAK, machine.elapsed());
    }

    @Test
    void anOutageOfTheRepositoryUndoesNothing() throws IOException {
        FakeMachine machine = machine();
        HealthCheck check =
                new RepositoryCheck(new CheckTerms("repository", true, Duration.ofSeconds(10)));
        Verdict verdict = judge(machine, check);
        assertTrue(verdict.healthy());
        assertEquals(HealthResult.Finding.INDETERMINATE, verdict.results().getFirst().finding());
    }

    @Test
    void aReleaseThatCouldNotBeLeftAgainFails() throws IOException {
        FakeMachine machine = machine();
        machine.stages = false;
        HealthCheck check =
                new StagingCheck(new CheckTerms("can-stage", true, Duration.ofSeconds(10)));
        assertEquals(
                List.of("can-stage: expected disk, ESP and state, found a read-only ESP"),
                judge(machine, check).failures());
    }

    @Test
    void doesNotWaitForWhatCannotBeUnderstood() throws IOException {
        FakeMachine machine = machine();
        java.nio.file.Files.writeString(folder.resolve("a.toml"), "[[check]]\ntype = \"fil\"\n");
        HealthChecks checks = HealthChecks.load(machine.root(), List.of("/"));
        assertFalse(judge(machine, checks.checks().toArray(HealthCheck[]::new)).healthy());
        assertEquals(Duration.ZERO, machine.elapsed());
    }
}
