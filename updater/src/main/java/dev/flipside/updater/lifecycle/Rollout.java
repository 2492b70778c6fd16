package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

import dev.flipside.repository.Channel.Wave;
import dev.flipside.tuf.Digests;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a channel says about who may go to a release, and when. */
final class Rollout {
    /** Places in a rollout are counted in hundredths of a percent, from 0. */
    private static final int PLACES = 10_000;

    private static final int PLACES_PER_PERCENT = PLACES / 100;

    private Rollout() {}

    /** Whether the host runs what its channel has withdrawn, and is to leave it. */
    static boolean leaves(HostFacts host, Wanted wanted, Policy policy) {
        return policy.withdrawal() != WithdrawalResponse.STAY
                && host.booted().release().filter(it -> it.isAmong(withdrawn(wanted))).isPresent();
    }

    static List<RuleResult> rules(
            HostFacts host, Wanted wanted, ReleaseRef release, Policy policy, Instant now) {
        return List.of(
                withdrawn(withdrawn(wanted), release), wave(host, wanted, release, policy, now));
    }

    /**
     * Nobody goes to what its channel has withdrawn.
     *
     * @param withdrawn digests of manifests
     */
    static RuleResult withdrawn(Set<String> withdrawn, ReleaseRef release) {
        boolean isWithdrawn = release.isAmong(withdrawn);
        return result(
                Rule.WITHDRAWN,
                !isWithdrawn,
                "a release that the channel has not withdrawn",
                isWithdrawn ? release.version() + ", withdrawn" : "none",
                "wait for the next release, or go to another version");
    }

    // What an operator or a pin names waits for no wave, and nobody waits on a release that was
    // withdrawn.
    private static RuleResult wave(
            HostFacts host, Wanted wanted, ReleaseRef release, Policy policy, Instant now) {
        List<Wave> waves = wanted.offered().map(Wanted.Offer::waves).orElse(List.of());
        if (waves.isEmpty()
                || wanted.by() != Wanted.By.CHANNEL
                || !policy.timing().waves()
                || leaves(host, wanted, policy)) {
            return result(Rule.WAVE, true, "any host", "this one", "");
        }
        int place = place(host.machineId(), release);
        Optional<Wave> own =
                waves.stream().filter(it -> place < it.percent() * PLACES_PER_PERCENT).findFirst();
        return result(
                        Rule.WAVE,
                        own.filter(it -> !now.isBefore(it.start())).isPresent(),
                        own.map(it -> "the time to be %s or later".formatted(it.start()))
                                .orElse("a wave with this host in it"),
                        own.isPresent() ? now.toString() : "none yet",
                        "wait, or go there now with 'flipctl update %s'"
                                .formatted(release.version()))
                .untilAt(own.map(Wave::start));
    }

    /**
     * Where a host stands in the rollout of a release: anywhere, but always there. The release
     * takes part, so that no host is the first one every time. A host without an identity is last.
     */
    static int place(Optional<String> machineId, ReleaseRef release) {
        if (machineId.isEmpty()) {
            return PLACES - 1;
        }
        String seed = machineId.get() + "/" + release.rootHash();
        String digest = Digests.sha256(seed.getBytes(StandardCharsets.UTF_8));
        return (int) Long.remainderUnsigned(Long.parseUnsignedLong(digest, 0, 16, 16), PLACES);
    }

    private static Set<String> withdrawn(Wanted wanted) {
        return wanted.offered().map(Wanted.Offer::withdrawn).orElse(Set.of());
    }
}
