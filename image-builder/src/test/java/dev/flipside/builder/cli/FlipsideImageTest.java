package dev.flipside.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FlipsideImageTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Command.Action action, String... arguments) {
        Command command =
                Command.of(
                        "build",
                        "Builds.",
                        List.of(Command.option("--level", "N", Integer.class, true, "A number.")),
                        action);
        return new FlipsideImage(List.of(Command.group("image", "Images.", List.of(command))))
                .run(
                        new Console(
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8),
                                false,
                                false),
                        arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void runsTheCommandWithItsOptions() {
        Command.Action action =
                (options, console) ->
                        console.result(
                                StrictJson.object(),
                                "level " + options.matchedOptionValue("--level", 0));
        assertEquals(0, run(action, "image", "build", "--level", "3"));
        assertEquals("level 3\n", out());
        assertEquals("", err());
    }

    @Test
    void takesJsonAtEveryLevelOfTheCommandLine() {
        Command.Action action =
                (options, console) ->
                        console.result(StrictJson.object().put("level", 3), "level 3");
        assertEquals(0, run(action, "--json", "image", "build", "--level", "3"));
        assertEquals(0, run(action, "image", "build", "--level", "3", "--json"));
        assertEquals("{\"event\":\"result\",\"level\":3}\n".repeat(2), out());
    }

    @Test
    void endsWithTheExitCodeOfTheGroupOfAFailure() {
        Command.Action action =
                (options, console) -> {
                    throw new FlipsideException(
                            FailureCode.TAR_MALFORMED, "a.tar", "an end", "none", "make it again");
                };
        assertEquals(12, run(action, "image", "build", "--level", "3", "--json"));
        assertEquals(
                "flipside-image: a.tar: expected an end, found none; make it again"
                        + " [tar-malformed]\n",
                err());
        assertTrue(out().startsWith("{\"event\":\"failure\",\"code\":\"tar-malformed\""), out());
    }

    @Test
    void reportsAFailedReadOrWriteAsAHostFault() {
        Command.Action full =
                (options, console) -> {
                    throw new IOException("No space left on device");
                };
        assertEquals(14, run(full, "image", "build", "--level", "3"));
        assertTrue(err().contains("[no-room]"), err());
        Command.Action broken =
                (options, console) -> {
                    throw new IOException("Input/output error");
                };
        assertEquals(14, run(broken, "image", "build", "--level", "3"));
        assertTrue(err().contains("[io-failed]"), err());
    }

    @Test
    void endsWith70AndAStackTraceOnABug() {
        Command.Action bug =
                (options, console) -> {
                    throw new IllegalStateException("a bug");
                };
        assertEquals(70, run(bug, "image", "build", "--level", "3"));
        assertTrue(err().contains("FlipsideImageTest"), err());
    }

    @Test
    void answersWrongUsageWithOneLineAndTheUsage() {
        Command.Action never =
                (options, console) -> {
                    throw new IllegalStateException("must not run");
                };
        for (List<String> arguments :
                List.of(
                        List.of("image", "build", "--level", "3", "--unknown"),
                        List.of("image", "build"),
                        List.of("image", "build", "--level", "many"),
                        List.of("image", "nothing"),
                        List.of("image"),
                        List.<String>of())) {
            err.reset();
            assertEquals(2, run(never, arguments.toArray(String[]::new)), arguments.toString());
            assertTrue(err().startsWith("flipside-image: "), err());
            assertTrue(err().lines().skip(1).findFirst().orElse("").startsWith("usage: "), err());
        }
    }

    @Test
    void showsHelpAndVersion() {
        assertEquals(0, run((options, console) -> {}, "image", "build", "--help"));
        assertTrue(out().contains("--level"), out());
        out.reset();
        assertEquals(0, run((options, console) -> {}, "--version"));
        assertEquals("flipside-image development\n", out());
    }
}
