package dev.flipside.updater.coordinator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.updater.health.OneLine;
import dev.flipside.updater.health.TrialRecords;
import dev.flipside.updater.host.CrashTraces;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.lifecycle.BootReview.OtherEntry;
import dev.flipside.updater.lifecycle.BootReview.TrialEvidence;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is known of the boots of a release that should run, and does not. */
final class Evidence {
    /** Since the last of these, every boot was a try of the release that should run. */
    private static final Set<String> BEGINNINGS = Set.of("create-entry", "arm-next-boot");

    private final HostEffects effects;
    private final Journal journal;

    Evidence(HostEffects effects, Journal journal) {
        this.effects = effects;
        this.journal = journal;
    }

    /**
     * What its trials have written down and, when all of its tries are used up, what kernel and
     * watchdog tell: until then, a crash may have been another release's.
     */
    TrialEvidence of(HostState memory, Observation observation) throws IOException {
        Optional<String> rootHash =
                memory.state()
                        .target()
                        .map(it -> it.release().rootHash())
                        .or(() -> memory.running().map(it -> it.release().rootHash()));
        if (rootHash.isEmpty() || rootHash.get().equals(observation.bootedRootHash())) {
            return new TrialEvidence.None();
        }
        TrialRecords trials = new TrialRecords(effects.state());
        SlotName other = observation.layout().booted().other();
        if (observation.esp().otherEntry(other) != OtherEntry.BAD) {
            return trials.evidence(rootHash.get());
        }
        TrialEvidence written = trials.evidence(rootHash.get(), observation.esp().sequences(other));
        return written instanceof TrialEvidence.Failed ? written : crash(written);
    }

    private TrialEvidence crash(TrialEvidence written) throws IOException {
        CrashTraces traces = effects.booted().crashes(since());
        if (traces.panic().isPresent()) {
            return new TrialEvidence.Panicked(
                    traces.panic().get().lines().stream().map(OneLine::of).toList());
        }
        return traces.watchdog().isPresent()
                ? new TrialEvidence.WatchdogReset(List.of(traces.watchdog().get()))
                : written;
    }

    private Instant since() throws IOException {
        Instant since = Instant.EPOCH;
        for (ObjectNode entry : journal.history().entries()) {
            if (BEGINNINGS.contains(entry.path("event").asText())) {
                since = time(entry.path("at").asText()).orElse(since);
            }
        }
        return since;
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            // Written by nobody of ours; the entry before it stands.
            return Optional.empty();
        }
    }
}
