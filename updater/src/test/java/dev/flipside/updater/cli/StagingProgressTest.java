package dev.flipside.updater.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.updater.slot.Progress.Phase;
import dev.flipside.updater.slot.Progress.Standing;
import dev.flipside.updater.slot.StageTally;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class StagingProgressTest {
    private static final StageTally TALLY = new StageTally(0, 256, 0, 1 << 20, 0);

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-20T12:00:00Z"));
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private StagingProgress progress(boolean terminal) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new StagingProgress(new Console(stream, stream, false, terminal), now::get);
    }

    private String shown() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void showsRateAndTimeLeftOfThePhaseOnATerminal() {
        StagingProgress progress = progress(true);
        progress.at(new Standing(Phase.FETCHING, 1000, 4000, TALLY));
        assertTrue(shown().contains("time left unknown"), shown());
        now.set(now.get().plusSeconds(10));
        err.reset();
        progress.at(new Standing(Phase.FETCHING, 2000, 4000, TALLY));
        // 1000 blocks of 4 KiB in 10 seconds, and 2000 to go.
        assertTrue(shown().contains(" 50 %  1.0 MiB fetched, 1.0 MiB reused, 0 MiB/s"), shown());
        assertTrue(shown().contains("0:20 left"), shown());
    }

    @Test
    void showsNothingOffATerminal() {
        progress(false).at(new Standing(Phase.FETCHING, 1, 2, TALLY));
        assertEquals("", shown());
    }
}
