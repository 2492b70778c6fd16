package dev.flipside.integration.scenario.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.scenario.Scenario;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import dev.flipside.integration.scenario.ScenarioFile;
import dev.flipside.integration.scenario.run.ScenarioResult.Kind;
import dev.flipside.integration.scenario.run.ScenarioResult.StepResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScenarioRunTest {
    private static final String BOOT = "[[step]]\ndo = \"boot\"\n";

    private final FakeGuest guest = new FakeGuest();
    private final List<String> heard = new ArrayList<>();

    @Test
    void playsAnUpdateThatIsKeptAndOneThatUndoesItself() throws Exception {
        guest.badVersions = Set.of("3");
        ScenarioResult result =
                run(
                        BOOT
                                + """
                                [[step]]
                                do = "update"
                                version = "2"

                                [[step]]
                                do = "expect"
                                version = "2"
                                other-version = "1"
                                state = "committed"

                                [[step]]
                                do = "update"
                                version = "3"

                                [[step]]
                                do = "expect"
                                version = "2"
                                undone = "3"
                                cause = "health-check-failed"
                                evidence = "expected a file"
                                history = "of the host"

                                [[step]]
                                do = "update"
                                version = "3"
                                refused = "rejected"
                                """);
        assertTrue(result.passed(), () -> result.problem().toString());
        assertEquals(6, result.steps().size());
        assertEquals(
                List.of(
                        "power on",
                        "flipctl update --now 2",
                        "flipctl update --now 3",
                        "flipctl update --now 3"),
                guest.done);
        assertEquals(guest.passed(), result.duration());
        assertEquals("begins step 1 (boot)", heard.get(0));
        assertEquals("ended step 1 (boot) passed", heard.get(1));
    }

    @Test
    void givesUpOnAMachineThatNeverAnswers() throws Exception {
        guest.reachableAfter = Duration.ofDays(1);
        ScenarioResult result = run("[[step]]\ndo = \"boot\"\ntimeout = \"5m\"\n");
        assertFails(result, "step 1 (boot)", "found no answer from the guest");
        assertEquals(Duration.ofMinutes(5), guest.passed());
    }

    @Test
    void givesUpOnAMachineThatNeverGetsHealthy() throws Exception {
        guest.healthyAfter = Duration.ofDays(1);
        ScenarioResult result = run("[[step]]\ndo = \"boot\"\ntimeout = \"5m\"\n");
        assertFails(result, "step 1 (boot)", "found 1 in slot A (under trial), idle");
        assertEquals(Duration.ofMinutes(5), guest.passed());
    }

    @Test
    void leavesABootAloneUntilItIsOver() throws Exception {
        guest.healthyAfter = Duration.ofMinutes(4);
        assertTrue(run(BOOT).passed());
        assertEquals(List.of(Duration.ofMinutes(4)), guest.asked);
    }

    @Test
    void seesAtOnceThatTheMachineWentOff() throws Exception {
        guest.healthyAfter = Duration.ofDays(1);
        guest.offAfter = Duration.ofSeconds(40);
        ScenarioResult result = run(BOOT);
        assertFails(result, "step 1 (boot)", "found that the machine went off");
        assertTrue(guest.passed().toSeconds() < 60, guest.passed()::toString);
    }

    @Test
    void endsWhenTheTimeOfTheWholeScenarioIsOver() throws Exception {
        guest.reachableAfter = Duration.ofDays(1);
        ScenarioResult result = run("timeout = \"2m\"\n" + BOOT + "[[step]]\ndo = \"cut-power\"\n");
        assertFails(result, "step 1 (boot)", "no answer");
        assertEquals(Duration.ofMinutes(2), guest.passed());
        assertEquals(1, result.steps().size(), "nothing is done after the step that failed");
    }

    @Test
    void waitsForAnotherBootAfterAReboot() throws Exception {
        ScenarioResult result =
                run(BOOT + "[[step]]\ndo = \"reboot\"\ntimes = 3\n[[step]]\ndo = \"reset\"\n");
        assertTrue(result.passed(), () -> result.problem().toString());
        assertEquals("boot 5", guest.serial.getLast());
        assertTrue(
                guest.passed().compareTo(guest.healthyAfter.multipliedBy(5)) >= 0,
                "each boot is waited for: " + guest.passed());
    }

    @Test
    void saysWhichTimeOfAStepFailed() throws Exception {
        guest.shellAnswer = Optional.of(new Guest.Answer(1, "no space"));
        ScenarioResult result =
                run(BOOT + "[[step]]\ndo = \"run\"\ncommand = \"touch /x\"\ntimes = 2\n");
        assertFails(
                result,
                "step 2 (run), time 1",
                "expected exit code 0, found exit code 1 and 'no space'");
    }

    @Test
    void holdsACommandToWhatItPrints() throws Exception {
        guest.shellAnswer = Optional.of(new Guest.Answer(3, "all is well\n"));
        String run = BOOT + "[[step]]\ndo = \"run\"\ncommand = \"check\"\nexit-code = 3\n";
        assertTrue(run(run + "contains = [\"all\", \"well\"]\nlacks = \"ill\"\n").passed());
        guest.cutPower();
        assertFails(
                run(run + "contains = [\"all\", \"ill\"]\n"),
                "step 2 (run)",
                "expected output with 'ill'");
        guest.cutPower();
        assertFails(
                run(run + "lacks = \"well\"\n"), "step 2 (run)", "expected output without 'well'");
    }

    @Test
    void aCommandThatHangsEndsWithItsStep() throws Exception {
        guest.shellAnswer = Optional.empty();
        ScenarioResult result =
                run(BOOT + "[[step]]\ndo = \"run\"\ncommand = \"sleep inf\"\ntimeout = \"1m\"\n");
        assertFails(result, "step 2 (run)", "expected the command to end, found no answer");
    }

    @Test
    void cutsThePowerAtAMomentAndBootsAgain() throws Exception {
        ScenarioResult result =
                run(
                        BOOT
                                + """
                                [[step]]
                                do = "update"
                                until = "started"
                                [[step]]
                                do = "cut-power"
                                when-state = "staging"
                                [[step]]
                                do = "boot"
                                until = "started"
                                [[step]]
                                do = "cut-power"
                                after = "7s"
                                [[step]]
                                do = "boot"
                                [[step]]
                                do = "cut-power"
                                when-serial = "boot 3"
                                """);
        assertTrue(result.passed(), () -> result.problem().toString());
        List<String> cuts = guest.done.stream().filter(it -> it.startsWith("cut")).toList();
        assertEquals(3, cuts.size(), cuts::toString);
        assertTrue(
                guest.done.stream().anyMatch(it -> it.contains("FLIPSIDE_CODE=staging")),
                "the guest waits for the state itself");
    }

    @Test
    void doesNotSwitchOnWhatIsOnNorCutThePowerOfWhatIsOff() throws Exception {
        assertFails(run(BOOT + BOOT), "step 2 (boot)", "expected a machine that is off");
        guest.cutPower();
        assertFails(
                run("[[step]]\ndo = \"cut-power\"\n"),
                "step 1 (cut-power)",
                "expected a machine that is on");
    }

    @Test
    void staysOnlyWhileNothingResetsTheMachine() throws Exception {
        String stay = "[[step]]\ndo = \"stay\"\nfor = \"2m\"\n";
        assertTrue(run(BOOT + stay).passed());
        guest.cutPower();
        guest.resetAfter = Duration.ofSeconds(60);
        assertFails(run(BOOT + stay), "step 2 (stay)", "found that it was reset");
        guest.cutPower();
        guest.offAfter = Duration.ofSeconds(50);
        assertFails(run(BOOT + stay), "step 2 (stay)", "found one that is off");
    }

    @Test
    void anExpectedLineOfTheSerialConsoleCountsOnce() throws Exception {
        String expect = "[[step]]\ndo = \"expect\"\nserial = \"boot\"\ntimeout = \"1m\"\n";
        assertTrue(run(BOOT + expect).passed());
        guest.cutPower();
        ScenarioResult result = run(BOOT + expect + expect);
        assertFails(result, "step 3 (expect)", "expected a line with 'boot' on the serial console");
        assertEquals(List.of("boot 1", "boot 2"), result.problem().orElseThrow().serialTail());
    }

    @Test
    void showsTheEndOfTheSerialConsoleWithoutWhatSystemdStillWaitsFor() throws Exception {
        guest.reachableAfter = Duration.ofDays(1);
        guest.serial.add("[ ***  ] (2 of 2) Job a.service/start running (32s / 1min 52s)");
        guest.serial.add("[     *] Job a.service/start running (43s / no limit)");
        guest.serial.add("[  OK  ] Started a.service - Does something (for us / all).");
        assertEquals(
                List.of("[  OK  ] Started a.service - Does something (for us / all).", "boot 1"),
                run(BOOT).problem().orElseThrow().serialTail());
    }

    @Test
    void saysWhatTheHostSaysInstead() throws Exception {
        ScenarioResult result =
                run(
                        BOOT
                                + "[[step]]\ndo = \"expect\"\nversion = \"2\"\nstate = \"idle\"\npinned = \"3\"\ntimeout = \"10s\"\n");
        assertFails(
                result,
                "step 2 (expect)",
                "expected version '2' and pinned '3', found '1' and 'none'; the host runs 1 in slot A");
    }

    @Test
    void anUpdateThatEndsWithoutAnythingToRebootForIsNoUpdate() throws Exception {
        ScenarioResult result = run(BOOT + "[[step]]\ndo = \"update\"\nversion = \"1\"\n");
        assertTrue(result.passed(), "it runs already");
        guest.cutPower();
        assertFails(
                run(BOOT + "[[step]]\ndo = \"update\"\n"),
                "step 2 (update)",
                "expected a reboot that is pending");
    }

    @Test
    void anUpdateInWhichTheHostIsResetIsNone() throws Exception {
        guest.resetsInCommands = true;
        String update = BOOT + "[[step]]\ndo = \"update\"\nversion = \"2\"\n";
        assertFails(
                run(update),
                "step 2 (update)",
                "expected a reboot that is pending, found 1 in slot A (under trial), idle, in another boot");
        guest.cutPower();
        assertFails(
                run(update + "until = \"reboot-pending\"\n"), "step 2 (update)", "in another boot");
        guest.cutPower();
        assertFails(
                run(BOOT + "[[step]]\ndo = \"stage\"\n"),
                "step 2 (stage)",
                "expected flipctl stage to end, found that the machine was reset");
    }

    @Test
    void aHostThatRestartsIntoItsUpdateByItselfIsLeftAlone() throws Exception {
        guest.restartsByItself = true;
        ScenarioResult result =
                run(
                        BOOT
                                + "[[step]]\ndo = \"update\"\nversion = \"2\"\n"
                                + "[[step]]\ndo = \"expect\"\nversion = \"2\"\n");
        assertTrue(result.passed(), () -> result.problem().toString());
        assertEquals(2, guest.serial.size(), "booted once, and restarted once");
    }

    @Test
    void saysWhyAHostDoesNotReboot() throws Exception {
        guest.rebootAnswer = new Guest.Answer(11, "flipctl: busy");
        assertFails(
                run(BOOT + "[[step]]\ndo = \"reboot\"\n"),
                "step 2 (reboot)",
                "expected systemctl reboot to exit with 0, found exit code 11 and 'flipctl: busy'");
    }

    @Test
    void tellsABootThatDoesNotEndFromAHostThatIsSilent() throws Exception {
        guest.goesDown = false;
        ScenarioResult result = run(BOOT + "[[step]]\ndo = \"reboot\"\n");
        assertFails(
                result, "step 2 (reboot)", "found that the boot which was to end still answers");
        guest.cutPower();
        assertFails(
                run(BOOT + "[[step]]\ndo = \"reboot\"\nuntil = \"started\"\n"),
                "step 2 (reboot)",
                "expected the machine to restart in time, found that it did not");
    }

    @Test
    void aRebootThatIsNotWaitedForHasBegunTheNextBoot() throws Exception {
        assertTrue(run(BOOT + "[[step]]\ndo = \"reboot\"\nuntil = \"started\"\n").passed());
        assertEquals("boot 2", guest.serial.getLast());
    }

    @Test
    void keepsTheVerdictWhenThereIsNoRoomForEvidence() throws Exception {
        guest.diskIsFull = true;
        guest.healthyAfter = Duration.ofDays(1);
        ScenarioResult result = run(BOOT);
        assertFails(
                result, "step 1 (boot)", "found 1 in slot A (under trial), idle; what may tell");
    }

    @Test
    void plugsNothingIntoAMachineThatIsOff() throws Exception {
        assertFails(
                run("[[step]]\ndo = \"plug-disk\"\nfolder = \"x\"\n" + BOOT),
                "step 1 (plug-disk)",
                "expected a machine that is on");
    }

    @Test
    void whatIsToBeRefusedMustBe() throws Exception {
        assertFails(
                run(BOOT + "[[step]]\ndo = \"update\"\nversion = \"2\"\nrefused = \"floor\"\n"),
                "step 2 (update)",
                "expected flipctl update --now 2 to be refused with 'floor', found exit code 0");
    }

    @Test
    void aMachineThatCannotBeDrivenIsAnErrorNotAFailure() throws Exception {
        guest.qemuIsMissing = true;
        ScenarioResult result = run(BOOT);
        assertEquals(Kind.ERROR, result.problem().orElseThrow().kind());
        assertTrue(result.problem().orElseThrow().message().contains("no QEMU"));
    }

    private ScenarioResult run(String steps) throws FlipsideException {
        return new ScenarioRun(guest, guest, listener()).run(scenario(steps));
    }

    private static Scenario scenario(String steps) throws FlipsideException {
        String text = "name = \"a test\"\n" + steps;
        return ScenarioFile.parse(text.getBytes(StandardCharsets.UTF_8), "a.toml");
    }

    private ScenarioRun.Listener listener() {
        return new ScenarioRun.Listener() {
            @Override
            public void begins(Scenario scenario, NumberedStep step) {
                heard.add("begins " + step.title());
            }

            @Override
            public void ended(Scenario scenario, StepResult step) {
                heard.add("ended " + step.step().title() + (step.passed() ? " passed" : " failed"));
            }

            @Override
            public void afterwards(Scenario scenario, IOException why) {
                throw new UncheckedIOException(why);
            }
        };
    }

    private static void assertFails(ScenarioResult result, String where, String message) {
        ScenarioResult.Problem problem = result.problem().orElseThrow();
        assertEquals(Kind.FAILED, problem.kind());
        assertEquals(where, problem.where());
        assertTrue(problem.message().contains(message), problem::message);
    }
}
