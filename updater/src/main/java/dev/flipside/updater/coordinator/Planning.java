package dev.flipside.updater.coordinator;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Repository.Catalogue;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.Policy;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.UpdatePlanner;
import dev.flipside.updater.lifecycle.Wanted;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Step 1: refreshes what the host trusts, finds the release that is wanted, and decides. */
final class Planning {
    private final HostEffects effects;
    private final UpdaterConfig config;
    private final InstantSource clock;

    Planning(HostEffects effects, UpdaterConfig config, InstantSource clock) {
        this.effects = effects;
        this.config = config;
        this.clock = clock;
    }

    /**
     * What was decided.
     *
     * @param memory with what the repository told about the releases in the slots
     * @param candidate the release that was wanted, unless only a newer updater can read it
     */
    record Outcome(HostState memory, Decision decision, Optional<Candidate.Found> candidate) {}

    Outcome plan(HostState before, Policy policy, Optional<String> requested)
            throws IOException, FlipsideException {
        Catalogue catalogue = effects.repository().refresh();
        Observation observation = effects.observe();
        Optional<Wanted.Offer> offered = catalogue.offered();
        HostState memory = withdrawn(identified(before, observation, catalogue), offered);
        Wanted wanted =
                Wanted.of(policy, requested, offered)
                        .orElseThrow(() -> missing("channel " + policy.channel()))
                        .over(observation.bootedRelease(memory).map(ReleaseRef::version));
        Candidate candidate =
                catalogue
                        .find(wanted.version())
                        .orElseThrow(() -> missing("release " + wanted.version()));
        Decision decision =
                UpdatePlanner.plan(
                        observation.facts(memory, config.host()),
                        wanted,
                        candidate,
                        policy,
                        clock.instant());
        return new Outcome(
                memory,
                decision,
                candidate instanceof Candidate.Found found ? Optional.of(found) : Optional.empty());
    }

    /** Learns which of its releases were withdrawn; a channel that is gone tells nothing. */
    private static HostState withdrawn(HostState memory, Optional<Wanted.Offer> offered) {
        return offered.isEmpty()
                ? memory
                : memory.withdrawn(
                        memory.known()
                                .flatMap(it -> it.signed().stream())
                                .map(ReleaseRef.Signed::manifestDigest)
                                .filter(offered.get().withdrawn()::contains)
                                .collect(Collectors.toSet()));
    }

    /** Learns the manifests of what came with the disk, so that floor and rejection know it. */
    private static HostState identified(
            HostState memory, Observation observation, Catalogue catalogue)
            throws FlipsideException {
        HostState identified = memory;
        for (ReleaseRef release :
                List.of(observation.bootedRelease(memory), observation.otherRelease(memory))
                        .stream()
                        .flatMap(Optional::stream)
                        .filter(it -> it.signed().isEmpty())
                        .toList()) {
            Optional<Candidate> known = catalogue.find(release.version());
            if (known.isPresent()
                    && known.get() instanceof Candidate.Found found
                    && found.reference().rootHash().equals(release.rootHash())) {
                identified = Bookkeeping.withRelease(identified, found.reference());
            }
        }
        return identified;
    }

    private static FlipsideException missing(String what) {
        return new FlipsideException(
                FailureCode.TARGET_UNKNOWN,
                what,
                "it in the repository",
                "none",
                "publish it, or check product, architecture, channel and version");
    }
}
