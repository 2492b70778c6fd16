package dev.flipside.updater.cli;

import dev.flipside.updater.operation.ProgressJson;
import dev.flipside.updater.slot.Progress;
import dev.flipside.updater.slot.StageTally;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Shows how far the writing of a slot is: a bar that is redrawn in place on a terminal, a JSON line
 * per tenth of each phase with {@code --json}, and nothing elsewhere.
 *
 * <p>Invariant: it prints at most once per percent of a phase.
 */
final class StagingProgress implements Progress {
    private static final int BAR_CELLS = 30;
    private static final int JSON_STEP_PERCENT = 10;
    private static final double MEBIBYTE = 1 << 20;
    private static final double BLOCK_BYTES = 4096;
    private static final double MILLIS_PER_SECOND = 1000;
    private static final int SECONDS_PER_MINUTE = 60;

    private final Console console;
    private final InstantSource clock;
    private Phase phase = Phase.CHECKING;
    private Instant begun;
    private long firstBlocks;
    private int shownPercent = -1;

    StagingProgress(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
        this.begun = clock.instant();
    }

    @Override
    public void at(Standing standing) {
        if (standing.phase() != phase) {
            phase = standing.phase();
            begun = clock.instant();
            firstBlocks = standing.doneBlocks();
            shownPercent = -1;
        }
        int percent = (int) (standing.doneBlocks() * 100.0 / Math.max(1, standing.totalBlocks()));
        if (percent == shownPercent) {
            return;
        }
        if (console.json()) {
            json(standing, percent);
        } else if (console.terminal()) {
            draw(standing, percent);
        }
        shownPercent = percent;
    }

    private void json(Standing standing, int percent) {
        if (shownPercent >= 0 && percent / JSON_STEP_PERCENT == shownPercent / JSON_STEP_PERCENT) {
            return;
        }
        console.event("progress", ProgressJson.of(standing));
    }

    private void draw(Standing standing, int percent) {
        StageTally tally = standing.tally();
        double seconds =
                Math.max(1, Duration.between(begun, clock.instant()).toMillis())
                        / MILLIS_PER_SECOND;
        // What stood there when the phase began took it no time.
        double blocksPerSecond = (standing.doneBlocks() - firstBlocks) / seconds;
        int full = percent * BAR_CELLS / 100;
        console.err()
                .print(
                        "\r%-12s [%s%s] %3d %%  %.1f MiB fetched, %.1f MiB reused, %.0f MiB/s, %s \033[K"
                                .formatted(
                                        standing.phase().code(),
                                        "#".repeat(full),
                                        " ".repeat(BAR_CELLS - full),
                                        percent,
                                        tally.fetchedBytes() / MEBIBYTE,
                                        (tally.blocksInPlace() + tally.blocksReused())
                                                * BLOCK_BYTES
                                                / MEBIBYTE,
                                        blocksPerSecond * BLOCK_BYTES / MEBIBYTE,
                                        left(standing, blocksPerSecond)));
        if (percent == 100) {
            console.err().println();
        }
        console.err().flush();
    }

    private static String left(Standing standing, double blocksPerSecond) {
        long blocks = standing.totalBlocks() - standing.doneBlocks();
        if (blocksPerSecond <= 0 && blocks > 0) {
            return "time left unknown";
        }
        long seconds = blocks == 0 ? 0 : (long) Math.ceil(blocks / blocksPerSecond);
        return "%d:%02d left".formatted(seconds / SECONDS_PER_MINUTE, seconds % SECONDS_PER_MINUTE);
    }
}
