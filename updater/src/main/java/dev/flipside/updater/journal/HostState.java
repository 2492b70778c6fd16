package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.json.StrictJson;
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
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * All that a host remembers between two runs of the updater, and across its slots.
 *
 * @param doing the command that is under way, and is to be done again after a crash
 * @param floor the security floor; 0 until a commit has raised it
 * @param running what was kept last
 * @param releases what is known about the releases in the slots
 * @param checked the last decision about an update
 * @param asked when the repository was asked last, and answered
 * @param failed the last failure of a command; empty once one has succeeded
 * @param withdrawn the digests of the manifests of those releases known here that the channel had
 *     withdrawn when it was asked last
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
        Optional<Instant> asked,
        Optional<Failed> failed,
        Set<String> withdrawn,
        ObjectNode unknown) {

    public HostState {
        Objects.requireNonNull(state);
        Objects.requireNonNull(doing);
        Objects.requireNonNull(pin);
        Objects.requireNonNull(running);
        Objects.requireNonNull(checked);
        Objects.requireNonNull(asked);
        Objects.requireNonNull(failed);
        Objects.requireNonNull(unknown);
        releases = List.copyOf(releases);
        setbacks = List.copyOf(setbacks);
        withdrawn = Set.copyOf(withdrawn);
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
                Set.of(),
                StrictJson.object());
    }

    /** The releases that are or were in the slots, with all that is known about them. */
    public Stream<ReleaseRef> known() {
        return Stream.concat(releases.stream(), running.stream().map(Running::release));
    }

    public HostState in(UpdateState newState) {
        return but(it -> it.state = newState);
    }

    public HostState doing(Optional<Doing> newDoing) {
        return but(it -> it.doing = newDoing);
    }

    public HostState withPin(Optional<Pin> newPin) {
        return but(it -> it.pin = newPin);
    }

    public HostState holding(boolean newHold) {
        return but(it -> it.hold = newHold);
    }

    public HostState withFloor(int newFloor) {
        return but(it -> it.floor = newFloor);
    }

    public HostState running(Running newRunning) {
        return but(it -> it.running = Optional.of(newRunning));
    }

    public HostState withReleases(List<ReleaseRef> newReleases) {
        return but(it -> it.releases = newReleases);
    }

    public HostState withSetbacks(List<Setback> newSetbacks) {
        return but(it -> it.setbacks = newSetbacks);
    }

    public HostState checked(Checked newChecked) {
        return but(it -> it.checked = Optional.of(newChecked));
    }

    public HostState asked(Instant at) {
        return but(it -> it.asked = Optional.of(at));
    }

    public HostState failed(Optional<Failed> newFailed) {
        return but(it -> it.failed = newFailed);
    }

    public HostState withdrawn(Set<String> newWithdrawn) {
        return but(it -> it.withdrawn = newWithdrawn);
    }

    private HostState but(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finished();
    }

    /** All but what changes is taken over. */
    private static final class Draft {
        private UpdateState state;
        private Optional<Doing> doing;
        private Optional<Pin> pin;
        private boolean hold;
        private int floor;
        private Optional<Running> running;
        private List<ReleaseRef> releases;
        private List<Setback> setbacks;
        private Optional<Checked> checked;
        private Optional<Instant> asked;
        private Optional<Failed> failed;
        private Set<String> withdrawn;
        private ObjectNode unknown;

        private Draft(HostState from) {
            state = from.state;
            doing = from.doing;
            pin = from.pin;
            hold = from.hold;
            floor = from.floor;
            running = from.running;
            releases = from.releases;
            setbacks = from.setbacks;
            checked = from.checked;
            asked = from.asked;
            failed = from.failed;
            withdrawn = from.withdrawn;
            unknown = from.unknown;
        }

        private HostState finished() {
            return new HostState(
                    state, doing, pin, hold, floor, running, releases, setbacks, checked, asked,
                    failed, withdrawn, unknown);
        }
    }
}
