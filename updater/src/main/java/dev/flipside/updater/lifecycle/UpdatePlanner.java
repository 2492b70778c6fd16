package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

import dev.flipside.release.ReleaseManifest;
import dev.flipside.updater.lifecycle.HostFacts.SlotFacts;
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
    /** What an update writes to the state folder, at most: metadata, state, history and trials. */
    public static final long STATE_ROOM_BYTES = 4L << 20;

    /** For the entry and the FAT's own bookkeeping, beside the UKI itself. */
    public static final long ESP_MARGIN_BYTES = 128L << 10;

    private UpdatePlanner() {}

    /**
     * Decides about a release that the repository has.
     *
     * @param now for the waves of a rollout
     */
    public static Decision plan(
            HostFacts host, Wanted wanted, Candidate candidate, Policy policy, Instant now) {
        List<RuleResult> rules = new ArrayList<>();
        rules.add(hold(policy));
        rules.add(pin(policy, wanted));
        rules.add(manifest(candidate));
        switch (candidate) {
            case Candidate.NewerFormat newer -> {
                return new Decision.Hold(newer.version(), rules);
            }
            case Candidate.Found found -> {
                ReleaseRef release = found.reference();
                if (runs(host, release)) {
                    return alreadyThere(wanted, release, rules);
                }
                rules.addAll(ofRelease(host, found.manifest()));
                rules.addAll(Rollout.rules(host, wanted, release, now));
                int floor = Math.max(host.floor(), channelFloor(wanted));
                rules.addAll(ofReference(host, release, floor));
                rules.addAll(ofHost(host));
                rules.addAll(ofRoom(host, found));
                return decide(new Target(release, host.inactive().name(), Intent.UPDATE), rules);
            }
        }
    }

    /** Decides whether what was staged before may still become the next boot. */
    public static Decision planActivation(HostFacts host, Target staged, Policy policy) {
        String version = staged.release().version();
        List<RuleResult> rules = new ArrayList<>();
        rules.add(hold(policy));
        rules.add(pin(policy, new Wanted(version, Wanted.By.OPERATOR, Optional.empty())));
        rules.addAll(ofReference(host, staged.release(), host.floor()));
        rules.addAll(ofHost(host));
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
            rules.addAll(ofHost(host));
            return new Decision.Hold(host.inactive().words(), rules);
        }
        ReleaseRef release = target.get();
        rules.add(pin(policy, new Wanted(release.version(), Wanted.By.OPERATOR, Optional.empty())));
        rules.add(floor(host.floor(), release));
        rules.add(rejected(undoneByTrial(host.setbacks()), release));
        rules.addAll(ofHost(host));
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
            Wanted wanted, ReleaseRef release, List<RuleResult> rules) {
        boolean offeredElse =
                wanted.offered().filter(it -> !it.version().equals(release.version())).isPresent();
        if (wanted.by() == Wanted.By.PIN && offeredElse) {
            RuleResult pinned =
                    result(
                            Rule.PIN,
                            false,
                            "the pinned version " + release.version(),
                            wanted.offered().get().version() + " from the channel",
                            "flipctl unpin");
            rules.replaceAll(rule -> rule.rule() == Rule.PIN ? pinned : rule);
            return new Decision.Hold(wanted.offered().get().version(), rules);
        }
        return new Decision.Nothing(
                "%s, which %s names, runs already"
                        .formatted(release.version(), wanted.by().words()),
                rules);
    }

    private static RuleResult hold(Policy policy) {
        return result(
                Rule.HOLD,
                !policy.hold(),
                "no hold",
                policy.hold() ? "updates on hold" : "no hold",
                "flipctl unhold");
    }

    private static RuleResult pin(Policy policy, Wanted wanted) {
        return result(
                Rule.PIN,
                policy.pin().isEmpty() || policy.pin().get().equals(wanted.version()),
                policy.pin().map(pin -> "the pinned version " + pin).orElse("any version"),
                wanted.version(),
                "flipctl unpin, or flipctl pin " + wanted.version());
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

    private static List<RuleResult> ofHost(HostFacts host) {
        String menu =
                host.loaderDefault()
                        .map("default entry '%s'"::formatted)
                        .orElse(
                                host.foreignEntries().isEmpty()
                                        ? "only our entries"
                                        : String.join(", ", host.foreignEntries()));
        return List.of(
                result(
                        Rule.NOT_COMMITTED,
                        host.standing() == BootStanding.COMMITTED,
                        BootStanding.COMMITTED.words(),
                        host.standing().words(),
                        "wait for the end of the trial, or boot an entry of Flipside"),
                result(
                        Rule.FOREIGN_BOOT_ENTRY,
                        host.foreignEntries().isEmpty() && host.loaderDefault().isEmpty(),
                        "only our entries and no default",
                        menu,
                        "remove it from the ESP, or unset the default with 'bootctl set-default'"),
                result(
                        Rule.DISK_NOT_GROWN,
                        host.backupTableAtEnd(),
                        "the second partition table in the last sector",
                        host.backupTableAtEnd() ? "it is there" : "it is elsewhere, or damaged",
                        "move it there, as 'sgdisk -e' does"));
    }

    private static List<RuleResult> ofRoom(HostFacts host, Candidate.Found candidate) {
        ReleaseManifest manifest = candidate.manifest();
        SlotFacts slot = host.inactive();
        HostFacts.Room room = host.room();
        long ukiBytes =
                room.ukisThatStay().contains(candidate.uki().sha256())
                        ? 0
                        : candidate.uki().sizeBytes();
        long espBytes = room.espUsableBytes() + room.espReclaimableBytes();
        return List.of(
                result(
                        Rule.NO_SLOT_ROOM,
                        manifest.neededSlotBytes() <= slot.dataBytes()
                                && manifest.neededTreeBytes() <= slot.hashBytes(),
                        "%d bytes for the image and %d for its hash tree"
                                .formatted(manifest.neededSlotBytes(), manifest.neededTreeBytes()),
                        "%d and %d in slot %s"
                                .formatted(slot.dataBytes(), slot.hashBytes(), slot.name()),
                        "install the release from a disk image with larger slots"),
                result(
                        Rule.NO_ESP_ROOM,
                        espBytes - ESP_MARGIN_BYTES >= ukiBytes,
                        "%d bytes".formatted(ukiBytes + ESP_MARGIN_BYTES),
                        "%d bytes".formatted(espBytes),
                        "remove what is not Flipside's from the ESP"),
                result(
                        Rule.NO_STATE_ROOM,
                        room.stateUsableBytes() >= STATE_ROOM_BYTES,
                        "%d bytes".formatted(STATE_ROOM_BYTES),
                        "%d bytes".formatted(room.stateUsableBytes()),
                        "free some space in the state folder"));
    }

    private static String abbreviated(String hex) {
        return hex.length() <= 16 ? hex : hex.substring(0, 16) + "…";
    }
}
