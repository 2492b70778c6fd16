package dev.flipside.updater.health;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFull;
import dev.flipside.updater.boot.BootControl;
import dev.flipside.updater.health.TrialRecord.Outcome;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The judgement on a boot that is counted. It writes to {@code trials/} and, when the release is
 * not healthy, to the name of the entry that was booted; the reboot is the caller's.
 *
 * <p>Invariant: that a trial began is durable before the first check runs, and that it failed is
 * durable before the entry is marked bad. So a release that kills the machine while it is checked
 * is told from one that never got there. Where {@code /var} is full neither is: it is judged all
 * the same, as no other release would find more room.
 */
public final class Trial {
    private final TrialRecords records;
    private final BootControl boot;
    private final InstantSource clock;

    public Trial(TrialRecords records, BootControl boot, InstantSource clock) {
        this.records = records;
        this.boot = boot;
        this.clock = clock;
    }

    /**
     * What is on trial.
     *
     * @param sequence of the entry that was booted
     * @param rootHash of the image that runs
     */
    public record Subject(long sequence, String bootId, String rootHash) {
        public Subject {
            Objects.requireNonNull(bootId);
            Objects.requireNonNull(rootHash);
        }
    }

    /** As {@link #judge(Subject, Surroundings, TrialTerms, Pace, List)}, with nothing known. */
    public Verdict judge(Subject subject, Surroundings machine, TrialTerms terms, Pace pace)
            throws IOException, FlipsideException {
        return judge(subject, machine, terms, pace, List.of());
    }

    /**
     * Loads and runs the checks of the release that was booted, and decides.
     *
     * @param known what the host itself has found
     */
    public Verdict judge(
            Subject subject,
            Surroundings machine,
            TrialTerms terms,
            Pace pace,
            List<HealthResult> known)
            throws IOException, FlipsideException {
        List<HealthResult> found = new ArrayList<>(known);
        write(subject, Outcome.STARTED, List.of()).ifPresent(found::add);
        List<HealthCheck> checks = HealthChecks.load(machine.root(), terms.folders()).checks();
        Verdict verdict = new Soak(checks, found, machine, pace).judge(terms);
        if (verdict.healthy()) {
            write(subject, Outcome.PASSED, List.of());
        } else {
            write(subject, Outcome.FAILED, verdict.failures());
            boot.markBad(subject.sequence());
        }
        return verdict;
    }

    /** Writes a record; what is to be said where there is no room for it. */
    private Optional<HealthResult> write(Subject subject, Outcome outcome, List<String> lines)
            throws IOException {
        try {
            records.write(
                    new TrialRecord(
                            subject.sequence(),
                            subject.bootId(),
                            subject.rootHash(),
                            outcome,
                            clock.instant(),
                            lines));
            return Optional.empty();
        } catch (IOException e) {
            if (!DiskFull.isReasonFor(e)) {
                throw e;
            }
            return Optional.of(HealthResult.ofFullVar(e));
        }
    }
}
