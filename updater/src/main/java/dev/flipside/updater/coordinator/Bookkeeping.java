package dev.flipside.updater.coordinator;

import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.lifecycle.BootReview.Running;
import dev.flipside.updater.lifecycle.Command;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.RollbackReason.Cause;
import dev.flipside.updater.lifecycle.Setback;
import dev.flipside.updater.lifecycle.Target;
import dev.flipside.updater.lifecycle.Target.Intent;
import dev.flipside.updater.lifecycle.UpdateEvent;
import dev.flipside.updater.lifecycle.UpdateState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a host remembers besides its state, as it changes with the state: in the same write, so that
 * no crash comes between. Pure.
 */
final class Bookkeeping {
    private static final int MAX_RELEASES = 8;
    private static final int MAX_SETBACKS = 256;

    private Bookkeeping() {}

    /** What a boot says about the release that runs. */
    static HostState booted(HostState memory, UpdateEvent event, Observation observation) {
        boolean movesRunning =
                event instanceof UpdateEvent.RunningGood
                        || event instanceof UpdateEvent.RunningFellBack;
        Optional<ReleaseRef> booted = observation.bootedRelease(memory);
        return movesRunning && booted.isPresent()
                ? memory.running(new Running(observation.layout().booted(), booted.get()))
                : memory;
    }

    /** What entering a state changes. */
    static HostState entered(HostState memory, UpdateState state, Instant now) {
        HostState entered = memory.in(state);
        return switch (state) {
            case UpdateState.Staging(Target to) -> withRelease(entered, to.release());
            case UpdateState.Committed(_) ->
                    memory.state() instanceof UpdateState.Trial(Target to)
                            ? committed(entered, to, now)
                            : entered;
            case UpdateState.Idle(),
                    UpdateState.Checking(_, _),
                    UpdateState.Held(_, _),
                    UpdateState.Staged(_),
                    UpdateState.Activating(_),
                    UpdateState.RebootPending(_),
                    UpdateState.Trial(_),
                    UpdateState.RolledBack(_, _) ->
                    entered;
        };
    }

    /** What a command asks to be remembered. */
    static HostState noted(HostState memory, Command command, Instant now) {
        if (!(command instanceof Command.RecordSetback record)
                || record.reason().cause() == Cause.CHOSEN_BY_HAND) {
            return memory;
        }
        boolean before =
                memory.setbacks().stream().anyMatch(it -> it.release().sameAs(record.release()));
        return withSetback(
                memory,
                new Setback(
                        record.release(), record.reason(), now, !record.wasCommitted() || before));
    }

    static HostState withRelease(HostState memory, ReleaseRef release) {
        List<ReleaseRef> releases = new ArrayList<>(memory.releases());
        releases.removeIf(it -> it.rootHash().equals(release.rootHash()));
        releases.add(release);
        return memory.withReleases(
                releases.subList(Math.max(0, releases.size() - MAX_RELEASES), releases.size()));
    }

    /**
     * An operator who goes back does not want the release that was left, until it is allowed again;
     * one who returns to a release that was left wants it after all.
     */
    private static HostState committed(HostState memory, Target target, Instant now) {
        List<Setback> setbacks = new ArrayList<>(memory.setbacks());
        setbacks.removeIf(
                it ->
                        it.reason().cause() == Cause.OPERATOR
                                && it.release().sameAs(target.release()));
        HostState kept = memory.withSetbacks(setbacks);
        Optional<Running> left = memory.running().filter(it -> it.slot() != target.slot());
        if (target.intent() == Intent.ROLLBACK && left.isPresent()) {
            kept =
                    withSetback(
                            kept,
                            new Setback(
                                    left.get().release(),
                                    new RollbackReason(Cause.OPERATOR, List.of()),
                                    now,
                                    true));
        }
        return kept.running(new Running(target.slot(), target.release()));
    }

    private static HostState withSetback(HostState memory, Setback setback) {
        List<Setback> setbacks = new ArrayList<>(memory.setbacks());
        setbacks.add(setback);
        return memory.withSetbacks(
                setbacks.subList(Math.max(0, setbacks.size() - MAX_SETBACKS), setbacks.size()));
    }
}
