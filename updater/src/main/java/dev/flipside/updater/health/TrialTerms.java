package dev.flipside.updater.health;

import java.time.Duration;
import java.util.List;

/**
 * How a release is judged.
 *
 * @param folders where its checks are, in the root that was booted
 * @param deadline how long they may take until all have passed
 * @param soak how long they must stay so
 */
public record TrialTerms(List<String> folders, Duration deadline, Duration soak) {
    public TrialTerms {
        folders = List.copyOf(folders);
    }
}
