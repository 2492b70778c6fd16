package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

import dev.flipside.release.ReleaseManifest;
import dev.flipside.updater.lifecycle.Target.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether a host goes to a release. Every rule is asked, so that an operator sees all that
 * stands in the way at once. Pure: no clock, no files.
 */
public final class UpdatePlanner {
    private UpdatePlanner() {}

    /**
     * Decides about a release that the repository has.
     *
     * @param now for waves, ages and windows
     */
    public static Decision plan(
            HostFacts host, Wanted wanted, Candidate candidate, Policy policy, Instant now) {
        List<RuleResult> rules = new ArrayList<>();
        rules.add(WishRules.hold(policy));
        rules.add(WishRules.pin(policy, wanted.version()));
        rules.add(WishRules.configuration(policy));
        rules.add(manifest(candidate));
        switch (candidate) {
            case Candidate.NewerFormat newer -> {
                return new Decision.Hold(newer.version(), rules);
            }
            case Candidate.Found found -> {
                ReleaseRef release = found.reference();
                if (runs(host, release)) {
                    return alreadyThere(wanted, release, policy, rules);
                }
                rules.addAll(ofRelease(host, found.manifest()));
                boolean leaves = Rollout.leaves(host, wanted, policy);
                rules.addAll(Rollout.rules(host, wanted, release, policy, now));
                rules.add(TimingRules.minimumAge(wanted, found, policy, leaves, now));
                int floor = Math.max(host.floor(), channelFloor(wanted));
                rules.addAll(ofReference(host, release, floor));
                rules.add(TimingRules.windowToStage(policy, leaves, now));
                rules.addAll(HostRules.ofHost(host));
                rules.addAll(HostRules.ofRoom(host, found));
                return decide(new Target(release, host.inactive().name(), Intent.UPDATE), rules);
            }
        }
    }

    /** Decides whether what was staged before may still become the next boot, now. */
    public static Decision planActivation(
            HostFacts host, Target staged, Policy policy, Instant now) {
        String version = staged.release().version();
        List<RuleResult> rules = new ArrayList<>();
        rules.add(WishRules.hold(policy));
        rules.add(WishRules.pin(policy, version));
        rules.add(WishRules.configuration(policy));
        rules.add(Rollout.withdrawn(host.withdrawn(), staged.release()));
        rules.addAll(ofReference(host, staged.release(), host.floor()));
        boolean leaves = host.runsWithdrawn() && policy.withdrawal() != WithdrawalResponse.STAY;
        rules.add(TimingRules.window(policy, leaves, now));
        rules.addAll(HostRules.ofHost(host));
        return decide(staged, rules);
    }

    /**
     * Decides whether the host may return to what its other slot holds. A hold does not stop that:
     * it is about updates.
     *
     * @param target what the other slot holds, if it can boot
     */
    public static Decision planRollback(
            HostFacts host, Optional<ReleaseRef> target, Policy policy) {
        List<RuleResult> rules = new ArrayList<>();
        rules.add(
                result(
                        Rule.NOTHING_TO_RETURN_TO,
                        target.isPresent(),
                        "a release in slot %s with its UKI on the ESP"
                                .formatted(host.inactive().name()),
                        target.map(ReleaseRef::version).orElse("none"),
                        "go to another version with 'flipctl update VERSION'"));
        if (target.isEmpty()) {
            rules.addAll(HostRules.ofHost(host));
            return new Decision.Hold(host.inactive().words(), rules);
        }
        ReleaseRef release = target.get();
        rules.add(WishRules.pin(policy, release.version()));
        rules.add(floor(host.floor(), release));
        rules.add(rejected(undoneByTrial(host.setbacks()), release));
        rules.addAll(HostRules.ofHost(host));
        return decide(new Target(release, host.inactive().name(), Intent.ROLLBACK), rules);
    }

    private static List<Setback> undoneByTrial(List<Setback> setbacks) {
        return setbacks.stream()
                .filter(setback -> setback.reason().cause() != RollbackReason.Cause.OPERATOR)
                .toList();
    }

    private static Decision decide(Target target, List<RuleResult> rules) {
        return rules.stream().allMatch(RuleResult::passed)
                ? new Decision.Proceed(target, rules)
                : new Decision.Hold(target.release().version(), rules);
    }

    private static boolean runs(HostFacts host, ReleaseRef release) {
        return host.booted().rootHash().equals(release.rootHash())
                && host.booted()
                        .release()
                        .map(ReleaseRef::version)
                        .equals(Optional.of(release.version()));
    }

    /** A pin or a hold that keeps the host from what its channel offers is worth telling. */
    private static Decision alreadyThere(
            Wanted wanted, ReleaseRef release, Policy policy, List<RuleResult> rules) {
        boolean offeredElse =
                wanted.offered().filter(it -> !it.version().equals(release.version())).isPresent();
        if (wanted.by() == Wanted.By.PIN && offeredElse) {
            RuleResult pinned =
                    WishRules.pinnedHere(
                            policy, release.version(), wanted.offered().get().version());
            rules.replaceAll(rule -> rule.rule() == Rule.PIN ? pinned : rule);
            return new Decision.Hold(wanted.offered().get().version(), rules);
        }
        return new Decision.Nothing(
                "%s, which %s names, runs already"
                        .formatted(release.version(), wanted.by().words()),
                rules);
    }

    private static RuleResult manifest(Candidate candidate) {
        String expected = "manifest format %d or older".formatted(ReleaseManifest.FORMAT);
        String change = "update to a release between this one and that one first";
        return switch (candidate) {
            case Candidate.NewerFormat newer ->
                    result(
                            Rule.NEWER_MANIFEST,
                            false,
                            expected,
                            "format " + newer.format(),
                            change);
            case Candidate.Found found -> {
                int needed = found.manifest().neededUpdaterFormat();
                yield result(
                        Rule.NEWER_MANIFEST,
                        needed <= ReleaseManifest.FORMAT,
                        expected,
                        "format " + needed,
                        change);
            }
        };
    }

    private static List<RuleResult> ofRelease(HostFacts host, ReleaseManifest manifest) {
        String here = "%s, %s".formatted(host.architecture().code(), host.usage().code());
        String there =
                "%s, %s"
                        .formatted(
                                manifest.architecture().code(), manifest.verity().usage().code());
        return List.of(
                result(
                        Rule.WRONG_PRODUCT,
                        host.product().equals(manifest.product()),
                        host.product(),
                        manifest.product(),
                        "follow a channel of " + host.product()),
                result(
                        Rule.WRONG_ARCHITECTURE,
                        here.equals(there),
                        here,
                        there,
                        "publish the release for " + here));
    }

    private static List<RuleResult> ofReference(HostFacts host, ReleaseRef release, int floor) {
        String running = host.booted().rootHash();
        return List.of(
                floor(floor, release),
                rejected(host.setbacks(), release),
                result(
                        Rule.SAME_ROOT_HASH,
                        !running.equals(release.rootHash()),
                        "a root hash other than " + abbreviated(running),
                        abbreviated(release.rootHash()),
                        "build the release under a version of its own"));
    }

    private static int channelFloor(Wanted wanted) {
        return wanted.offered().map(Wanted.Offer::securityFloor).orElse(0);
    }

    private static RuleResult floor(int floor, ReleaseRef release) {
        Optional<Integer> securityVersion =
                release.signed().map(ReleaseRef.Signed::securityVersion);
        return result(
                Rule.FLOOR,
                securityVersion.orElse(0) >= floor,
                "security version %d or higher".formatted(floor),
                securityVersion
                        .map(version -> "security version " + version)
                        .orElse("an unknown security version"),
                "nothing: the floor is never lowered");
    }

    private static RuleResult rejected(List<Setback> setbacks, ReleaseRef release) {
        Optional<Setback> setback = Setback.rejecting(setbacks, release);
        return result(
                Rule.REJECTED,
                setback.isEmpty(),
                "no failed trial of this release",
                setback.map(it -> "undone at %s, as %s".formatted(it.at(), it.reason().line()))
                        .orElse("none"),
                "flipctl allow " + release.version());
    }

    private static String abbreviated(String hex) {
        return hex.length() <= 16 ? hex : hex.substring(0, 16) + "…";
    }
}
