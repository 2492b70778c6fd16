package dev.flipside.updater.coordinator;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.journal.HostState.Doing;
import dev.flipside.updater.journal.HostState.Failed;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.lifecycle.Command;
import dev.flipside.updater.lifecycle.Lifecycle;
import dev.flipside.updater.lifecycle.Transition;
import dev.flipside.updater.lifecycle.UpdateEvent;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Walks one host through the lifecycle: each event makes the state that follows durable, then its
 * commands run, one after the other, and how each went is written down.
 *
 * <p>Invariant: what {@link #memory} says is what the journal holds, but for the outcome of the
 * latest command, which is written with the next step.
 */
final class Walk {
    private final Journal journal;
    private final InstantSource clock;
    private final Steps steps;
    private HostState memory = HostState.fresh();

    Walk(Journal journal, InstantSource clock, Steps steps) {
        this.journal = journal;
        this.clock = clock;
        this.steps = steps;
    }

    HostState memory() {
        return memory;
    }

    /** Begins where the journal says that the host stands. */
    void load() throws IOException, FlipsideException {
        memory = journal.load();
    }

    /** Writes down what the host is to remember. */
    void remember(HostState newMemory) throws IOException {
        journal.save(newMemory);
        memory = newMemory;
    }

    /** Is at another place, which is written down with the next step at the earliest. */
    void recall(HostState newMemory) {
        memory = newMemory;
    }

    /** The release that the commands to come are about. */
    void use(Candidate.Found found) {
        steps.use(found);
    }

    /** Whether the machine is going down. */
    boolean rebooting() {
        return steps.rebooting();
    }

    /** Moves on by an event, does what follows, and goes on until nothing follows any more. */
    void apply(UpdateEvent first) throws IOException, FlipsideException {
        Optional<UpdateEvent> next = Optional.of(first);
        while (next.isPresent()) {
            Transition.Move move = move(next.get());
            enter(move);
            for (Command command : move.commands()) {
                perform(command);
            }
            next = Outcomes.finished(memory.state(), next.get());
        }
        if (memory.doing().isPresent()) {
            remember(memory.doing(Optional.empty()));
        }
    }

    private void enter(Transition.Move move) throws IOException {
        boolean changes = !memory.state().equals(move.state());
        HostState entered = Bookkeeping.entered(memory, move.state(), clock.instant());
        for (Command command : move.commands()) {
            entered = Bookkeeping.noted(entered, command, clock.instant());
        }
        entered = entered.doing(move.commands().stream().findFirst().map(this::doing));
        if (!entered.equals(memory)) {
            remember(entered);
        }
        if (changes) {
            journal.tell("state", move.state().name(), Outcomes.details(move.state()));
        }
    }

    private void perform(Command command) throws IOException, FlipsideException {
        if (!memory.doing().map(Doing::command).equals(Optional.of(command.name()))) {
            remember(memory.doing(Optional.of(doing(command))));
        }
        try {
            Steps.Done done = HostFaults.told(command.name(), () -> steps.perform(command, memory));
            boolean repeats =
                    command instanceof Command.RaiseFloor
                            && done.memory().floor() == memory.floor();
            // Written with the next step, or with the state that follows.
            memory = done.memory().failed(Optional.empty());
            if (repeats) {
                journal.tellOnce(command.name(), "ok", done.details());
            } else {
                journal.tell(command.name(), "ok", done.details());
            }
        } catch (FlipsideException e) {
            throw failed(command.name(), e);
        }
    }

    private Doing doing(Command command) {
        return new Doing(command.name(), clock.instant());
    }

    /** Writes a failure down, and moves on by it; one that cannot be written down goes with it. */
    FlipsideException failed(String what, FlipsideException cause) throws FlipsideException {
        try {
            remember(
                    memory.doing(Optional.empty())
                            .failed(
                                    Optional.of(
                                            new Failed(
                                                    clock.instant(),
                                                    cause.failure().code(),
                                                    cause.failure().line()))));
            journal.tellOnce(
                    what,
                    cause.failure().code().code(),
                    StrictJson.object().put("line", cause.failure().line()));
            Optional<UpdateEvent> event = Outcomes.failed(memory.state(), cause.failure().code());
            if (event.isPresent()) {
                enter(move(event.get()));
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return cause;
    }

    /** Where an event leads from here; {@code update-held} where it may not happen. */
    Transition.Move move(UpdateEvent event) throws FlipsideException {
        return switch (Lifecycle.next(memory.state(), event)) {
            case Transition.Move move -> move;
            case Transition.Refuse(Transition.Refusal refusal) -> {
                if (refusal == Transition.Refusal.OUT_OF_TURN) {
                    throw new IllegalStateException(event + " in " + memory.state());
                }
                throw refused(refusal);
            }
        };
    }

    /** How a refusal is told. */
    FlipsideException refused(Transition.Refusal refusal) {
        return new FlipsideException(
                FailureCode.UPDATE_HELD,
                "this operation",
                "a state that allows it",
                "'%s': %s".formatted(memory.state().name(), refusal.words()),
                refusal.action());
    }
}
