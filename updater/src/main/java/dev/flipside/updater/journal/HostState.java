package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.updater.lifecycle.BootReview.Running;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.Setback;
import dev.flipside.updater.lifecycle.UpdateState;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that a host remembers between two runs of the updater, and across its slots.
 *
 * @param doing the command that is under way, and is to be done again after a crash
 * @param floor the security floor; 0 until a commit has raised it
 * @param running what was kept last
 * @param releases what is known about the releases in the slots
 * @param checked the last decision about an update
 * @param failed the last failure of a command; empty once one has succeeded
 * @param withdrawn the digest of the manifest of a release that ran, and was withdrawn, when the
 *     channel was asked last
 * @param unknown fields of a newer updater, which are kept as they are
 */
public record HostState(
        UpdateState state,
        Optional<Doing> doing,
        Optional<Pin> pin,
        boolean hold,
        int floor,
        Optional<Running> running,
        List<ReleaseRef> releases,
        List<Setback> setbacks,
        Optional<Checked> checked,
        Optional<Failed> failed,
        Optional<String> withdrawn,
        ObjectNode unknown) {

    public HostState {
        Objects.requireNonNull(state);
        Objects.requireNonNull(doing);
        Objects.requireNonNull(pin);
        Objects.requireNonNull(running);
        Objects.requireNonNull(checked);
        Objects.requireNonNull(failed);
        Objects.requireNonNull(withdrawn);
        Objects.requireNonNull(unknown);
        releases = List.copyOf(releases);
        setbacks = List.copyOf(setbacks);
    }

    /** A command under way. */
    public record Doing(String command, Instant since) {}

    /** A decision, and when it was made. */
    public record Checked(Instant at, Decision decision) {}

    /** A failure, and when it happened. */
    public record Failed(Instant at, FailureCode code, String line) {}

    /** What a host remembers that has just been installed. */
    public static HostState fresh() {
        return new HostState(
                new UpdateState.Idle(),
                Optional.empty(),
                Optional.empty(),
                false,
                0,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                dev.flipside.json.StrictJson.object());
    }

    public HostState in(UpdateState newState) {
        return new HostState(
                newState, doing, pin, hold, floor, running, releases, setbacks, checked, failed,
                withdrawn, unknown);
    }

    public HostState doing(Optional<Doing> newDoing) {
        return new HostState(
                state, newDoing, pin, hold, floor, running, releases, setbacks, checked, failed,
                withdrawn, unknown);
    }

    public HostState withPin(Optional<Pin> newPin) {
        return new HostState(
                state, doing, newPin, hold, floor, running, releases, setbacks, checked, failed,
                withdrawn, unknown);
    }

    /** With a pin that only the operator takes away, or with none. */
    public HostState pinned(Optional<String> version) {
        return withPin(version.map(Pin::to));
    }

    public HostState holding(boolean newHold) {
        return new HostState(
                state, doing, pin, newHold, floor, running, releases, setbacks, checked, failed,
                withdrawn, unknown);
    }

    public HostState withFloor(int newFloor) {
        return new HostState(
                state, doing, pin, hold, newFloor, running, releases, setbacks, checked, failed,
                withdrawn, unknown);
    }

    public HostState running(Running newRunning) {
        return new HostState(
                state,
                doing,
                pin,
                hold,
                floor,
                Optional.of(newRunning),
                releases,
                setbacks,
                checked,
                failed,
                withdrawn,
                unknown);
    }

    public HostState withReleases(List<ReleaseRef> newReleases) {
        return new HostState(
                state,
                doing,
                pin,
                hold,
                floor,
                running,
                newReleases,
                setbacks,
                checked,
                failed,
                withdrawn,
                unknown);
    }

    public HostState withSetbacks(List<Setback> newSetbacks) {
        return new HostState(
                state,
                doing,
                pin,
                hold,
                floor,
                running,
                releases,
                newSetbacks,
                checked,
                failed,
                withdrawn,
                unknown);
    }

    public HostState checked(Checked newChecked) {
        return new HostState(
                state,
                doing,
                pin,
                hold,
                floor,
                running,
                releases,
                setbacks,
                Optional.of(newChecked),
                failed,
                withdrawn,
                unknown);
    }

    public HostState failed(Optional<Failed> newFailed) {
        return new HostState(
                state, doing, pin, hold, floor, running, releases, setbacks, checked, newFailed,
                withdrawn, unknown);
    }

    public HostState withdrawn(Optional<String> newWithdrawn) {
        return new HostState(
                state,
                doing,
                pin,
                hold,
                floor,
                running,
                releases,
                setbacks,
                checked,
                failed,
                newWithdrawn,
                unknown);
    }
}
