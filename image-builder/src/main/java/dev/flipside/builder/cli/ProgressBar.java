package dev.flipside.builder.cli;

import dev.flipside.builder.release.BuildProgress;
import dev.flipside.json.StrictJson;

/**
 * The progress of one step: a bar that is redrawn in place on a terminal, a JSON line per tenth
 * with {@code --json}, and nothing elsewhere.
 *
 * <p>Invariant: it prints at most once per percent, so that a caller may report every block. Safe
 * for use by several threads.
 */
public final class ProgressBar implements BuildProgress.Step {
    private static final int BAR_CELLS = 30;
    private static final int JSON_STEP_PERCENT = 10;

    private final Console console;
    private final String step;
    private final long total;
    private long done;
    private int shownPercent = -1;

    ProgressBar(Console console, String step, long total) {
        if (total < 0) {
            throw new IllegalArgumentException("total of " + step + ": " + total);
        }
        this.console = console;
        this.step = step;
        this.total = total;
        advance(0);
    }

    /** Says that so many more of the total are done. */
    @Override
    public synchronized void advance(long more) {
        done = Math.min(total, done + more);
        int percent = total == 0 ? 100 : (int) (done * 100.0 / total);
        if (percent == shownPercent) {
            return;
        }
        if (console.json()) {
            json(percent);
        } else if (console.terminal()) {
            draw(percent);
        }
        shownPercent = percent;
    }

    private void json(int percent) {
        if (percent / JSON_STEP_PERCENT != shownPercent / JSON_STEP_PERCENT || shownPercent < 0) {
            console.event(
                    "progress",
                    StrictJson.object().put("step", step).put("done", done).put("total", total));
        }
    }

    private void draw(int percent) {
        int full = percent * BAR_CELLS / 100;
        console.err()
                .print(
                        "\r%-16s [%s%s] %3d %%"
                                .formatted(
                                        step,
                                        "#".repeat(full),
                                        " ".repeat(BAR_CELLS - full),
                                        percent));
        console.err().flush();
    }

    /** Ends the line of the bar, whether the step came to its end or failed. */
    @Override
    public synchronized void close() {
        if (console.terminal() && !console.json()) {
            console.err().println();
            console.err().flush();
        }
    }
}
