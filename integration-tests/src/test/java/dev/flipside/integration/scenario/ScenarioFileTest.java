package dev.flipside.integration.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.scenario.Expectation.What;
import dev.flipside.integration.scenario.Step.Moment;
import dev.flipside.integration.scenario.Step.Until;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioFileTest {
    private static final String WHOLE =
            """
            name = "everything"
            timeout = "1h30m"
            configuration = '''
            [policy]
            reboot = "never"
            '''

            [[step]]
            do = "boot"

            [[step]]
            do = "update"
            version = "2"
            until = "started"

            [[step]]
            do = "cut-power"
            when-state = "staging"
            timeout = "90s"

            [[step]]
            do = "boot"
            until = "reachable"

            [[step]]
            do = "cut-power"
            after = "5s"

            [[step]]
            do = "reset"
            times = 10

            [[step]]
            do = "run"
            command = "cat /x"
            exit-code = 1
            contains = "No such file"
            lacks = ["a", "b"]

            [[step]]
            do = "network"
            cable = "out"

            [[step]]
            do = "pin"
            version = "1"
            refused = "floor"

            [[step]]
            do = "unhold"

            [[step]]
            do = "expect"
            version = "2"
            floor = 3
            serial = "login:"
            """;

    @Test
    void readsEveryKindOfStep() throws Exception {
        Scenario scenario = parse(WHOLE);
        assertEquals("everything", scenario.name());
        assertEquals(Duration.ofMinutes(90), scenario.timeout());
        assertEquals(Optional.of("[policy]\nreboot = \"never\"\n"), scenario.configuration());
        assertEquals(
                List.of(
                        new Step.Boot(Until.HEALTHY),
                        new Step.Update(Optional.of("2"), Until.STARTED, Optional.empty()),
                        new Step.CutPower(new Moment.State("staging")),
                        new Step.Boot(Until.REACHABLE),
                        new Step.CutPower(new Moment.After(Duration.ofSeconds(5))),
                        new Step.Reset(Until.HEALTHY),
                        new Step.Run("cat /x", 1, List.of("No such file"), List.of("a", "b")),
                        new Step.Network(false),
                        new Step.Flipctl("pin", Optional.of("1"), Optional.of("floor")),
                        new Step.Flipctl("unhold", Optional.empty(), Optional.empty()),
                        new Step.Expect(
                                List.of(
                                        new Expectation(What.VERSION, "2"),
                                        new Expectation(What.FLOOR, "3"),
                                        new Expectation(What.SERIAL, "login:")))),
                scenario.steps().stream().map(Scenario.NumberedStep::step).toList());
        assertEquals(Duration.ofSeconds(90), scenario.steps().get(2).timeout());
        assertEquals(Duration.ofMinutes(10), scenario.steps().get(3).timeout());
        assertEquals(10, scenario.steps().get(5).times());
        assertEquals("step 6 (reset)", scenario.steps().get(5).title());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    do = "boot"    | do = "boott"        | s.toml, line 9: expected one of    | did you mean 'boot'?
                    do = "boot"    | do = "boot"\\nwhen = "x" | s.toml, line 10: expected a known key in [step], found 'when' | did you mean
                    version = "2"  | verison = "2"       | s.toml, line 13: expected a known key in [step], found 'verison' | did you mean 'version'?
                    "1h30m"        | "soon"              | s.toml, line 2: expected a length of time up to 12h, as 90s or 5m, found 'soon' | see docs/reference/scenarios.md
                    "1h30m"        | "0s"                | s.toml, line 2: expected a length of time | see docs
                    name =         | title =             | s.toml, line 1: expected a known key, found 'title' | did you mean 'name'?
                    "staging"      | "stagin"            | s.toml, line 18: expected one of idle, checking | did you mean 'staging'?
                    after = "5s"   | after = "5s"\\nwhen-serial = "x" | s.toml, line 28: expected one of 'after', 'when-serial' and 'when-state', found 2 | see docs
                    times = 10     | times = 101         | s.toml, line 31: expected a whole number from 1 to 100, found 101 | see docs
                    times = 10     | times = "10"        | s.toml, line 31: expected a whole number | see docs
                    lacks = ["a", "b"] | lacks = [1]     | s.toml, line 38: expected 1 to 32 strings | see docs
                    cable = "out"  | cable = "on"        | s.toml, line 42: expected one of in, out | did you mean 'in'?
                    cable = "out"  | times = 2           | s.toml, line 40: expected 'cable' in [step], found none | see docs
                    version = "1"  | version = "1 or 2"  | s.toml, line 46: expected a version, found '1 or 2' | see docs
                    version = "1"  | times = 1           | s.toml, line 44: expected 'version' in [step], found none | see docs
                    serial = "login:" | cause = "moon"   | s.toml, line 56: expected one of health-check-failed | did you mean
                    do = "unhold"  | [step.x]            | s.toml, line 49: expected 'do' in [step] | see docs
                    """)
    void refusesWhatItDoesNotKnowInOneLineWithItsPlace(
            String from, String to, String message, String action) {
        String text = WHOLE.replaceFirst(from.replace("[", "\\["), to.replace("\\n", "\n"));
        FlipsideException e = assertThrows(FlipsideException.class, () -> parse(text));
        assertEquals(FailureCode.CONFIG_INVALID, e.failure().code());
        String line = e.failure().line();
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.startsWith(message), line);
        assertTrue(line.contains(action), line);
    }

    @Test
    void refusesOtherTablesAndAScenarioWithoutSteps() {
        assertRefuses(
                "name = \"x\"\n[steps]\ndo = \"boot\"\n", "line 2: expected no table but [[step]]");
        assertRefuses("name = \"x\"\n", "expected 1 to 200 tables [[step]], found none");
        assertRefuses("name = \"x\"\nstep = 1\n", "line 2: expected 1 to 200 tables [[step]]");
        assertRefuses("name = \"x\"\nstep = [1]\n", "expected tables [[step]]");
        assertRefuses("[[step]]\ndo = \"boot\"\n", "expected 'name', found none");
        assertRefuses(
                "name = \"x\"\n[[step]]\ndo = \"expect\"\n",
                "line 3: expected what is expected: version, slot");
    }

    @Test
    void refusesWhatIsTooLarge() {
        assertRefuses(
                "name = \"x\"\n" + "[[step]]\ndo = \"boot\"\n".repeat(201),
                "expected 1 to 200 tables [[step]], found 201");
        assertRefuses("# " + "x".repeat(ScenarioFile.MAX_BYTES), "of at most 262144 bytes");
    }

    @Test
    void refusesAnUpdateToBeRefusedThatIsNotWaitedFor() {
        assertRefuses(
                "name = \"x\"\n[[step]]\ndo = \"update\"\nrefused = \"floor\"\nuntil = \"started\"\n",
                "line 5: expected an update that is waited for, as it is to be refused, found 'started'");
    }

    @Test
    void anyBytesAreAScenarioOrARefusal() {
        long seed = 20261121;
        Random random = new Random(seed);
        byte[] whole = WHOLE.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = whole.clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int round = i;
            try {
                ScenarioFile.parse(bytes, "s.toml");
            } catch (FlipsideException e) {
                assertEquals(
                        FailureCode.CONFIG_INVALID,
                        e.failure().code(),
                        () -> "seed " + seed + ", round " + round);
            }
        }
    }

    @Test
    void theReferenceNamesEveryStepAndEveryKey() throws Exception {
        String page = Files.readString(Path.of("../docs/reference/scenarios.md"));
        StepTable.keys()
                .forEach(
                        (word, keys) -> {
                            assertTrue(page.contains("`" + word + "`"), word);
                            for (String key : keys) {
                                assertTrue(page.contains("`" + key + "`"), word + ": " + key);
                            }
                        });
    }

    @Test
    void theStatesAreThoseOfTheLifecycle() throws Exception {
        String page = Files.readString(Path.of("../docs/reference/lifecycle.md"));
        String table = page.substring(page.indexOf("## States"), page.indexOf("## Events"));
        List<String> documented =
                table.lines()
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.substring(3, line.indexOf('`', 3)))
                        .toList();
        assertEquals(documented, States.NAMES);
    }

    private static void assertRefuses(String text, String message) {
        FlipsideException e = assertThrows(FlipsideException.class, () -> parse(text));
        assertTrue(e.failure().line().contains(message), e.failure().line());
    }

    private static Scenario parse(String text) throws FlipsideException {
        return ScenarioFile.parse(text.getBytes(StandardCharsets.UTF_8), "s.toml");
    }
}
