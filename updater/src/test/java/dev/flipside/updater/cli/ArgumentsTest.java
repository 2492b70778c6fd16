package dev.flipside.updater.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.updater.operation.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentsTest {
    private static Arguments parse(String... words) throws Arguments.WrongUsage {
        return Arguments.parse(Commands.FLIPCTL, List.of(words));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--config f pin 2 --until d --json",
                "pin --config=f --until=d --json 2",
                "--json pin --until d --config g 2 --config f",
                "--json --config f pin --until d -- 2"
            })
    void takesOptionsBeforeAndAfterTheCommand(String line) throws Exception {
        Arguments arguments = parse(line.split(" "));
        assertEquals("flipctl pin", arguments.path());
        assertEquals(Map.of("--config", "f", "--until", "d", "--json", ""), arguments.options());
        assertEquals(Optional.of("2"), arguments.positional());
    }

    @Test
    void takesWhatLooksLikeAnOptionAsAVersionAfterTwoDashes() throws Exception {
        assertEquals(Optional.of("--json"), parse("pin", "--", "--json").positional());
    }

    @Test
    void takesAnOptionsValueAsItStands() throws Exception {
        assertEquals(
                Optional.of("--json"), parse("pin", "2", "--until", "--json").option("--until"));
        assertEquals(Optional.of(""), parse("pin", "2", "--until=").option("--until"));
        assertEquals(Optional.of("a=b"), parse("pin", "2", "--until=a=b").option("--until"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "pin --help", "config -h", "config show --help"})
    void helpAsksForNothingElse(String line) throws Exception {
        Arguments arguments = parse(line.split(" "));
        assertTrue(arguments.has("--help"));
        String help = Usage.of(arguments.path(), arguments.command());
        for (Command.Option option : arguments.command().options()) {
            assertTrue(help.contains(option.word() + " "), help);
        }
        for (Command below : arguments.command().below()) {
            assertTrue(help.contains("  " + below.name() + " "), help);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    statsu            | expected a command, found 'statsu'; did you mean 'status'?
                    config            | expected a command, found none
                    config sow        | expected a command, found 'sow'; did you mean 'show'?
                    status --wach     | expected an option of 'flipctl status', found '--wach'; did you mean '--watch'?
                    pin               | expected VERSION after 'flipctl pin', found nothing
                    pin 1 2           | expected nothing more after 'flipctl pin', found '2'
                    hold 1            | expected nothing more after 'flipctl hold', found '1'
                    pin 1 --until     | expected DATE after '--until', found nothing
                    status --json=yes | expected no value for '--json', found one
                    """)
    void saysWhatItExpected(String line, String message) {
        Arguments.WrongUsage wrong =
                assertThrows(Arguments.WrongUsage.class, () -> parse(line.split(" ")));
        assertEquals(message, wrong.getMessage());
        assertTrue(wrong.synopsis().startsWith("flipctl"), wrong.synopsis());
    }

    @Test
    void everyOperationIsACommandOfItsName() {
        for (String name : Operation.names()) {
            assertTrue(Commands.FLIPCTL.named(name).isPresent(), name);
        }
    }
}
