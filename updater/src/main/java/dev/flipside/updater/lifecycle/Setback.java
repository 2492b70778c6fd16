package dev.flipside.updater.lifecycle;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One time that a release was undone on this host.
 *
 * @param rejects whether the release is refused from then on; a release that had been committed and
 *     fell back later gets one more try
 */
public record Setback(ReleaseRef release, RollbackReason reason, Instant at, boolean rejects) {
    public Setback {
        Objects.requireNonNull(release);
        Objects.requireNonNull(reason);
        Objects.requireNonNull(at);
    }

    /** The setback for which a release is refused, if there is one. */
    public static Optional<Setback> rejecting(List<Setback> setbacks, ReleaseRef release) {
        return setbacks.stream()
                .filter(setback -> setback.rejects() && setback.release().sameAs(release))
                .reduce((earlier, later) -> later);
    }
}
