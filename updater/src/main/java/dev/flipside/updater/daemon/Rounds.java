package dev.flipside.updater.daemon;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.coordinator.Status;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.lifecycle.BootStanding;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.HostSeed;
import dev.flipside.updater.lifecycle.PollSchedule;
import dev.flipside.updater.lifecycle.RebootDecision;
import dev.flipside.updater.lifecycle.UpdateState;
import dev.flipside.updater.metrics.Counters;
import dev.flipside.updater.operation.Operation;
import dev.flipside.updater.operation.Operations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the daemon does of its own accord, between what it is asked for: settles the boot until it
 * is settled, asks the repository when it is time, and reboots when the policy lets it. Lives on
 * the coordinator's thread.
 */
final class Rounds {
    private static final Duration REBOOT_INTERVAL = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final Supplier<Coordinator> coordinator;
    private final Supplier<UpdaterConfig> config;
    private final PollTimes times;
    private final InstantSource clock;
    private final Feed feed;
    private final Counters counters;
    private final Instant start;
    private HostSeed seed = new HostSeed("");
    private boolean settled;
    private final Backoff backoff = new Backoff(Daemon.BEAT, LONGEST_PAUSE);

    /** What the boot entries were called when the boot was on trial, as long as it is. */
    private Optional<List<String>> unjudged = Optional.empty();

    private boolean restarting;
    private Optional<Instant> last = Optional.empty();
    private Optional<Instant> lastReboot = Optional.empty();
    private Optional<FailureCode> told = Optional.empty();

    /** When time alone lets the update through that a rule holds now. */
    private Optional<Instant> notBefore = Optional.empty();

    Rounds(
            Supplier<Coordinator> coordinator,
            Supplier<UpdaterConfig> config,
            PollTimes times,
            InstantSource clock,
            Feed feed,
            Counters counters) {
        this.coordinator = coordinator;
        this.config = config;
        this.times = times;
        this.clock = clock;
        this.feed = feed;
        this.counters = counters;
        this.start = clock.instant();
    }

    /** Does what is due. A boot that cannot be settled is told once, and tried less and less. */
    void beat() {
        feed.begin();
        if (!settled && backoff.isOver(clock.instant())) {
            settle();
        }
        if (!settled) {
            return;
        }
        Instant now = clock.instant();
        // A clock that was set back must not keep the host from asking for years.
        last = last.map(it -> it.isAfter(now) ? now : it);
        lastReboot = lastReboot.filter(it -> !it.isAfter(now));
        if (isTimeToPoll(now)) {
            last = Optional.of(now);
            poll(now);
        } else if (lastReboot.isEmpty() || !lastReboot.get().plus(REBOOT_INTERVAL).isAfter(now)) {
            lastReboot = Optional.of(now);
            reboot();
        }
    }

    /** Asked anew at each beat: a clock may be set at any time. */
    private boolean isTimeToPoll(Instant now) {
        PollSchedule schedule = config.get().policy().poll();
        Instant planned = times.next(new PollTimes.Known(schedule, seed, start, last), now);
        return !schedule.wake(planned, notBefore, seed).isAfter(now);
    }

    private void settle() {
        try {
            List<String> entries = coordinator.get().entryNames();
            if (unjudged.equals(Optional.of(entries))) {
                return;
            }
            unjudged = Optional.empty();
            Status status = coordinator.get().afterBoot();
            BootedSystem system = status.observation().system();
            seed = new HostSeed(system.machineId().orElse(system.bootId()));
            BootStanding standing = status.facts().standing();
            settled = standing == BootStanding.COMMITTED || standing == BootStanding.UNKNOWN;
            unjudged = standing.onTrial() ? Optional.of(entries) : Optional.empty();
            told = Optional.empty();
            backoff.succeeded();
        } catch (FlipsideException e) {
            backoff.failed(clock.instant());
            tell(e.failure());
        }
    }

    private void tell(Failure failure) {
        if (told.equals(Optional.of(failure.code()))) {
            feed.failedAgain(failure);
        } else {
            told = Optional.of(failure.code());
            feed.failed("settle", failure);
        }
    }

    private void poll(Instant now) {
        notBefore = Optional.empty();
        try {
            if (isRebootPending()) {
                feed.note("poll", "reboot-pending", "the next boot is decided already");
                return;
            }
            new Operations(coordinator.get()).run(new Operation.Update());
            counters.polled(true);
            feed.note("poll", "ok", "the repository was asked");
        } catch (FlipsideException e) {
            boolean held = e.failure().code() == FailureCode.UPDATE_HELD;
            counters.polled(held);
            if (held) {
                feed.note("poll", e.failure().code().code(), e.failure().line());
                notBefore = heldUntil(now);
            } else {
                feed.failed("poll", e.failure());
            }
        }
    }

    private Optional<Instant> heldUntil(Instant now) {
        try {
            return coordinator
                    .get()
                    .status()
                    .memory()
                    .checked()
                    .map(HostState.Checked::decision)
                    .filter(Decision.Hold.class::isInstance)
                    .map(Decision.Hold.class::cast)
                    .flatMap(Decision.Hold::notBefore)
                    .filter(it -> it.isAfter(now));
        } catch (FlipsideException e) {
            feed.failed("status", e.failure());
            return Optional.empty();
        }
    }

    private void reboot() {
        try {
            if (!restarting && isRebootPending()) {
                restarting = coordinator.get().rebootByPolicy() instanceof RebootDecision.Restart;
            }
        } catch (FlipsideException e) {
            feed.failed("reboot", e.failure());
        }
    }

    private boolean isRebootPending() throws FlipsideException {
        return coordinator.get().status().memory().state() instanceof UpdateState.RebootPending;
    }
}
