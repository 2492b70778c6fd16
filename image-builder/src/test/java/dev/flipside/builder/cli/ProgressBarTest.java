package dev.flipside.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ProgressBarTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private void work(boolean json, boolean terminal) {
        Console console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        json,
                        terminal);
        try (ProgressBar bar = console.progress("pack", 1000)) {
            for (int i = 0; i < 1000; i++) {
                bar.advance(1);
            }
        }
    }

    @Test
    void drawsOncePerPercentOnATerminal() {
        work(false, true);
        String drawn = err.toString(StandardCharsets.UTF_8);
        assertEquals(101, drawn.chars().filter(c -> c == '\r').count());
        assertEquals(
                "pack             [" + "#".repeat(30) + "] 100 %\n",
                drawn.substring(drawn.lastIndexOf('\r') + 1));
    }

    @Test
    void printsAJsonLinePerTenthForPrograms() {
        work(true, true);
        String printed = out.toString(StandardCharsets.UTF_8);
        assertEquals(11, printed.lines().count(), printed);
        assertEquals(
                "{\"event\":\"progress\",\"step\":\"pack\",\"done\":1000,\"total\":1000}",
                printed.lines().toList().getLast());
        assertEquals("", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void staysSilentOffATerminal() {
        work(false, false);
        assertEquals(0, out.size() + err.size());
    }
}
