package dev.flipside.updater.coordinator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.journal.HostState.Checked;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.lifecycle.BootReview;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.Lifecycle;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.Policy;
import dev.flipside.updater.lifecycle.RebootDecision;
import dev.flipside.updater.lifecycle.RebootPlanner;
import dev.flipside.updater.lifecycle.Target;
import dev.flipside.updater.lifecycle.Transition;
import dev.flipside.updater.lifecycle.UpdateEvent;
import dev.flipside.updater.lifecycle.UpdatePlanner;
import dev.flipside.updater.lifecycle.UpdateState;
import dev.flipside.updater.lifecycle.UpdateState.Goal;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Moves one host through the lifecycle: takes one event at a time, writes down what it is about to
 * do, does it, and writes down how it went.
 *
 * <p>Invariants: the state is durable before the first of its commands runs, and every command can
 * run again, so that a crash at any point is mended by {@link #settle}. Nothing is remembered
 * between two calls but what the journal holds. One coordinator at a time works on a host; whoever
 * makes it holds the lock.
 */
public final class Coordinator {
    /** A boot means at most a few events, one after the other. */
    private static final int MAX_BOOT_EVENTS = 6;

    private final UpdaterConfig config;
    private final HostEffects effects;
    private final Journal journal;
    private final InstantSource clock;
    private final Journal.Listener listener;
    private final Walk walk;

    public Coordinator(UpdaterConfig config, HostEffects effects, InstantSource clock) {
        this(config, effects, clock, entry -> {});
    }

    /** A coordinator that somebody watches. */
    public Coordinator(
            UpdaterConfig config,
            HostEffects effects,
            InstantSource clock,
            Journal.Listener listener) {
        this.config = config;
        this.effects = effects;
        this.clock = clock;
        this.listener = listener;
        this.journal =
                new Journal(effects.state(), config.limits().historyBytes(), clock, listener);
        this.walk = new Walk(journal, clock, new Steps(effects));
    }

    /** The same for an operator who does not want to wait for a window, a wave or an age. */
    public Coordinator atAnyTime() {
        return new Coordinator(config.atAnyTime(), effects, clock, listener);
    }

    public Journal journal() {
        return journal;
    }

    /**
     * Rebuilds a memory that cannot be read, and keeps the old one aside; for a start.
     *
     * @param unreadable is told why, before anything is written
     */
    public void recover(Consumer<Failure> unreadable) throws FlipsideException {
        HostFaults.told(
                "reading what the host remembers",
                () -> {
                    try {
                        return journal.load();
                    } catch (FlipsideException e) {
                        if (e.failure().code() != FailureCode.STATE_MALFORMED) {
                            throw e;
                        }
                        unreadable.accept(e.failure());
                        return journal.rebuild();
                    }
                });
    }

    /** What the host remembers, and what is so; changes nothing. */
    public Status status() throws FlipsideException {
        return HostFaults.told(
                "reading the host's state",
                () -> {
                    walk.load();
                    Observation observation = effects.observe();
                    Optional<UpdateEvent> event = bootEvent(observation);
                    if (event.isPresent() && event.get() instanceof UpdateEvent.TargetUnderTrial) {
                        walk.recall(memory().in(walk.move(event.get()).state()));
                    }
                    return status(observation);
                });
    }

    /** What has happened on this host, oldest first. */
    public List<ObjectNode> history() throws FlipsideException {
        return HostFaults.told("reading the history", () -> journal.history().entries());
    }

    private Status status(Observation observation) {
        return new Status(
                memory(), policy(), observation, observation.facts(memory(), config.host()));
    }

    /**
     * After a boot, once it was found good or bad: keeps the release that runs and arms the next
     * boot, or records why another one runs. While the boot is under trial, writes nothing.
     */
    public Status afterBoot() throws FlipsideException {
        return HostFaults.told(
                "settling this boot",
                () -> {
                    settle();
                    return status(effects.observe());
                });
    }

    /**
     * What the files of the boot entries are called. Whoever judges a boot on trial renames one;
     * until then, nothing about it changes.
     */
    public List<String> entryNames() throws FlipsideException {
        return effects.entryNames();
    }

    /** Asks the repository, and decides; touches no slot. */
    public Decision check(Optional<String> version) throws FlipsideException {
        return HostFaults.told(
                "checking for an update",
                () -> {
                    settle();
                    return decide(Goal.CHECK, version);
                });
    }

    /**
     * Asks the repository, and writes the release to the inactive slot if nothing holds it.
     *
     * @return the decision; after {@code Proceed} the release is staged
     */
    public Decision stage(Optional<String> version) throws FlipsideException {
        return HostFaults.told(
                "staging",
                () -> {
                    settle();
                    return decide(Goal.STAGE, version);
                });
    }

    /** Makes what is staged the next boot. */
    public Decision activate() throws FlipsideException {
        return HostFaults.told(
                "activating",
                () -> {
                    settle();
                    Transition asked =
                            Lifecycle.next(memory().state(), new UpdateEvent.ActivateRequested());
                    if (asked instanceof Transition.Refuse(Transition.Refusal refusal)) {
                        throw walk.refused(refusal);
                    }
                    Target target = memory().state().target().orElseThrow();
                    Observation observation = effects.observe();
                    Decision decision =
                            UpdatePlanner.planActivation(
                                    observation.facts(memory(), config.host()),
                                    target,
                                    policy(),
                                    clock.instant());
                    walk.remember(memory().checked(new Checked(clock.instant(), decision)));
                    if (decision instanceof Decision.Proceed) {
                        walk.apply(new UpdateEvent.ActivateRequested());
                    }
                    return decision;
                });
    }

    /** Returns to the other slot; or, where an activation waits for its reboot, takes it back. */
    public Decision rollback() throws FlipsideException {
        return HostFaults.told(
                "rolling back",
                () -> {
                    settle();
                    if (memory().state() instanceof UpdateState.RebootPending) {
                        walk.apply(new UpdateEvent.WithdrawRequested());
                        return new Decision.Nothing("the activation is taken back", List.of());
                    }
                    Observation observation = effects.observe();
                    Decision decision =
                            UpdatePlanner.planRollback(
                                    observation.facts(memory(), config.host()),
                                    observation.otherRelease(memory()),
                                    policy());
                    walk.remember(memory().checked(new Checked(clock.instant(), decision)));
                    if (decision instanceof Decision.Proceed(Target target, _)) {
                        walk.apply(new UpdateEvent.RollbackRequested(target));
                    }
                    return decision;
                });
    }

    /**
     * Restarts the machine.
     *
     * @return false on a host whose machine is somebody else's to restart
     */
    public boolean reboot() throws FlipsideException {
        return HostFaults.told(
                "rebooting",
                () -> {
                    settle();
                    walk.apply(new UpdateEvent.RebootRequested());
                    return walk.rebooting();
                });
    }

    /**
     * Restarts the machine, or asks somebody else to, if that is the policy; takes the question
     * back when no reboot is pending any more.
     */
    public RebootDecision rebootByPolicy() throws FlipsideException {
        return HostFaults.told(
                "rebooting by policy",
                () -> {
                    settle();
                    RebootDecision decision = new RebootDecision.Wait(List.of());
                    if (memory().state() instanceof UpdateState.RebootPending(Target to)) {
                        decision =
                                RebootPlanner.plan(
                                        effects.observe().facts(memory(), config.host()),
                                        to,
                                        policy(),
                                        clock.instant());
                    }
                    effects.power().announce(decision instanceof RebootDecision.Announce);
                    if (decision instanceof RebootDecision.Restart) {
                        walk.apply(new UpdateEvent.RebootRequested());
                    }
                    return decision;
                });
    }

    /** Sets, or with an empty version drops, the only version that the host may go to. */
    public void pin(Optional<String> version) throws FlipsideException {
        new Wishes(journal).pin(version.map(Pin::to));
    }

    /** Sets the only version that the host may go to, for a time or for good. */
    public void pin(Pin pin) throws FlipsideException {
        new Wishes(journal).pin(Optional.of(pin));
    }

    public void hold(boolean hold) throws FlipsideException {
        new Wishes(journal).hold(hold);
    }

    /**
     * Forgets that a version was undone.
     *
     * @return whether it had been
     */
    public boolean allow(String version) throws FlipsideException {
        return new Wishes(journal).allow(version);
    }

    private HostState memory() {
        return walk.memory();
    }

    private Policy policy() {
        return Wishes.policy(config.policy(), memory(), clock.instant());
    }

    /** Brings memory and host together, after a boot or a crash; does nothing when they agree. */
    private void settle() throws IOException, FlipsideException {
        walk.load();
        for (int count = 0; count < MAX_BOOT_EVENTS; count++) {
            Observation observation = effects.observe();
            Optional<UpdateEvent> event = bootEvent(observation);
            if (event.isEmpty()) {
                return;
            }
            if (event.get() instanceof UpdateEvent.TargetUnderTrial) {
                // A release on trial writes nothing but its trial: the state stays as it was found.
                walk.recall(memory().in(walk.move(event.get()).state()));
                return;
            }
            tellWhatWasNotBooted(event.get(), observation);
            walk.recall(Bookkeeping.booted(memory(), event.get(), observation));
            walk.apply(event.get());
        }
        throw new IllegalStateException("this boot does not settle: " + memory().state());
    }

    /**
     * Somebody chose the slot in the boot menu, or the power went before the target had an entry.
     */
    private void tellWhatWasNotBooted(UpdateEvent event, Observation observation)
            throws IOException {
        if (event instanceof UpdateEvent.RunningGood
                && memory().state() instanceof UpdateState.RebootPending(Target to)) {
            journal.tell(
                    "boot",
                    "target-not-booted",
                    StrictJson.object()
                            .put("slot", observation.layout().booted().name())
                            .put("version", to.release().version())
                            .put("targetSlot", to.slot().name())
                            .put("entry", String.join(", ", observation.esp().names(to.slot()))));
        }
    }

    private Optional<UpdateEvent> bootEvent(Observation observation) throws IOException {
        return BootReview.event(
                memory().state(),
                observation.review(
                        memory(), new Evidence(effects, journal()).of(memory(), observation)));
    }

    private Decision decide(Goal goal, Optional<String> version)
            throws IOException, FlipsideException {
        Transition.Move move = walk.move(new UpdateEvent.CheckRequested(goal));
        walk.remember(memory().in(move.state()));
        Planning.Outcome outcome;
        try {
            outcome = new Planning(effects, config, clock).plan(memory(), policy(), version);
        } catch (FlipsideException e) {
            throw walk.failed("check", e);
        }
        walk.recall(
                outcome.memory()
                        .checked(new Checked(clock.instant(), outcome.decision()))
                        .asked(clock.instant())
                        .failed(Optional.empty()));
        outcome.candidate().ifPresent(walk::use);
        walk.apply(new UpdateEvent.Planned(outcome.decision()));
        return outcome.decision();
    }
}
