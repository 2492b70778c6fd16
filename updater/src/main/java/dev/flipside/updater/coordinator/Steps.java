package dev.flipside.updater.coordinator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.BlockDevice;
import dev.flipside.updater.health.TrialRecords;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.lifecycle.BootReview.OtherEntry;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.lifecycle.Command;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.Target;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Does one command of the lifecycle; each can be done again after a crash. */
final class Steps {
    private final HostEffects effects;
    private Optional<Candidate.Found> candidate = Optional.empty();
    private boolean rebooting;

    Steps(HostEffects effects) {
        this.effects = effects;
    }

    /**
     * What a command did.
     *
     * @param details for the history
     */
    record Done(HostState memory, ObjectNode details) {}

    /** The release that the commands to come are about, with all that its manifest says. */
    void use(Candidate.Found found) {
        candidate = Optional.of(found);
    }

    /** Whether the machine is going down. */
    boolean rebooting() {
        return rebooting;
    }

    Done perform(Command command, HostState memory) throws IOException, FlipsideException {
        return switch (command) {
            case Command.Check(_) -> throw new IllegalStateException("a check is planned first");
            case Command.EmptySlot(Target target) -> done(memory, emptySlot(target));
            case Command.WriteSlot(Target target) -> done(memory, writeSlot(target));
            case Command.WriteUki(Target target) -> done(memory, writeUki(target));
            case Command.IdentifySlot(Target target) -> done(memory, identifySlot(target));
            case Command.CreateEntry(Target target) -> done(memory, createEntry(target));
            case Command.RemoveEntries(Target target) -> done(memory, removeEntries(target));
            case Command.PutRunningFirst() -> done(memory, putRunningFirst());
            case Command.RaiseFloor(Target target) -> raiseFloor(target, memory);
            case Command.ArmNextBoot() -> done(memory, armNextBoot());
            case Command.RecordSetback(ReleaseRef release, _, _) ->
                    done(memory, StrictJson.object().put("version", release.version()));
            case Command.ClearTrials(String rootHash) -> done(memory, clearTrials(rootHash));
            case Command.Reboot() -> done(memory, reboot());
        };
    }

    private static Done done(HostState memory, ObjectNode details) {
        return new Done(memory, details);
    }

    private ObjectNode emptySlot(Target target) throws IOException, FlipsideException {
        Observation observation = inactive(target);
        HostFaults.onEsp(
                "removing the entries of slot " + target.slot(),
                () -> {
                    effects.boot()
                            .emptyInactiveSlot(
                                    observation.layout(), observation.system().sequence());
                    return target;
                });
        return about(target);
    }

    private ObjectNode writeSlot(Target target) throws IOException, FlipsideException {
        Observation observation = inactive(target);
        Slot slot = observation.layout().inactiveSlot();
        Candidate.Found release = candidate(target);
        Stager.Written written =
                HostFaults.onDisk(
                        "slot " + target.slot(),
                        () -> {
                            try (BlockDevice disk =
                                    effects.disk()
                                            .openForWriting(List.of(slot.data(), slot.hash()))) {
                                return effects.slots().write(release, observation.layout(), disk);
                            }
                        });
        return about(target)
                .put("fetchedBytes", written.fetchedBytes())
                .put("reusedBytes", written.reusedBytes())
                .put("writtenBytes", written.writtenBytes());
    }

    private ObjectNode writeUki(Target target) throws IOException, FlipsideException {
        Candidate.Found release = candidate(target);
        HostLayout layout = inactive(target).layout();
        AssembledUki content =
                new AssembledUki(release, effects.repository(), effects.disk(), layout);
        HostFaults.onEsp(
                "UKI of " + target.release().version(),
                () -> {
                    writeUki(target, content);
                    return target;
                });
        return about(target)
                .put("ukiBytes", release.uki().sizeBytes())
                .put("ukiFetchedBytes", content.fetchedBytes());
    }

    // What was spoilt on the way is asked for again, elsewhere where there is an elsewhere.
    private void writeUki(Target target, AssembledUki content)
            throws IOException, FlipsideException {
        while (true) {
            try {
                effects.boot().writeUki(target.release(), content, effects.booted().firmware());
                return;
            } catch (FlipsideException e) {
                if (e.failure().code() != FailureCode.DIGEST_MISMATCH
                        || !effects.repository().refused(e.failure())) {
                    throw e;
                }
            }
        }
    }

    private ObjectNode identifySlot(Target target) throws IOException, FlipsideException {
        HostLayout layout = inactive(target).layout();
        Slot slot = layout.inactiveSlot();
        ReleaseRef release = target.release();
        SlotIdentity identity =
                SlotIdentity.of(
                        HexFormat.of().parseHex(release.rootHash()),
                        release.product(),
                        release.version());
        HostFaults.onDisk(
                "partition table",
                () -> {
                    try (BlockDevice disk =
                            effects.disk().openForWriting(List.of(slot.data(), slot.hash()))) {
                        Gpt.read(disk).mendPrimary(disk);
                        layout.disk()
                                .gpt()
                                .replacing(layout.disk().identified(slot.name(), identity))
                                .write(disk);
                    }
                    return target;
                });
        return about(target);
    }

    private ObjectNode createEntry(Target target) throws IOException, FlipsideException {
        Observation observation = inactive(target);
        HostFaults.onEsp(
                "boot entry of slot " + target.slot(),
                () -> {
                    effects.boot()
                            .createEntry(
                                    observation.layout(),
                                    target.slot(),
                                    target.release(),
                                    effects.booted().firmware());
                    return target;
                });
        return about(target);
    }

    private ObjectNode removeEntries(Target target) throws IOException, FlipsideException {
        Observation observation = inactive(target);
        HostFaults.onEsp(
                "boot entries of slot " + target.slot(),
                () -> {
                    effects.boot().removeEntries(observation.layout(), target.slot());
                    return target;
                });
        return about(target);
    }

    private ObjectNode putRunningFirst() throws IOException, FlipsideException {
        Observation observation = effects.observe();
        HostFaults.onEsp(
                "boot entry of slot " + observation.layout().booted(),
                () -> {
                    effects.boot().putBootedFirst(observation.layout());
                    return observation;
                });
        return StrictJson.object().put("slot", observation.layout().booted().name());
    }

    private ObjectNode armNextBoot() throws IOException, FlipsideException {
        Observation observation = effects.observe();
        HostFaults.onEsp(
                "boot entry of slot " + observation.layout().booted(),
                () -> {
                    effects.boot()
                            .armNextBoot(
                                    observation.layout(),
                                    observation.system().sequence().orElseThrow());
                    return observation;
                });
        return StrictJson.object().put("slot", observation.layout().booted().name());
    }

    /** Both slots must satisfy a floor; one that cannot boot satisfies any. */
    private Done raiseFloor(Target target, HostState memory) throws IOException, FlipsideException {
        Observation observation = effects.observe();
        boolean otherBoots =
                observation.esp().otherEntry(observation.layout().booted().other())
                        == OtherEntry.BOOTABLE;
        int own = securityVersion(Optional.of(target.release()));
        int both =
                otherBoots ? Math.min(own, securityVersion(observation.otherRelease(memory))) : own;
        int floor = Math.max(memory.floor(), both);
        return done(memory.withFloor(floor), StrictJson.object().put("floor", floor));
    }

    private static int securityVersion(Optional<ReleaseRef> release) {
        return release.flatMap(ReleaseRef::signed)
                .map(ReleaseRef.Signed::securityVersion)
                .orElse(0);
    }

    private ObjectNode clearTrials(String rootHash) throws IOException {
        new TrialRecords(effects.state()).clear(rootHash);
        return StrictJson.object();
    }

    private ObjectNode reboot() throws FlipsideException {
        rebooting = effects.power().reboot();
        return StrictJson.object().put("pending", !rebooting);
    }

    /** What is so now; a target in the slot that runs would be a bug that destroys the host. */
    private Observation inactive(Target target) throws IOException, FlipsideException {
        Observation observation = effects.observe();
        if (observation.layout().booted() == target.slot()) {
            throw new IllegalStateException("slot %s runs".formatted(target.slot()));
        }
        return observation;
    }

    private Candidate.Found candidate(Target target) {
        return candidate
                .filter(it -> it.reference().sameAs(target.release()))
                .orElseThrow(() -> new IllegalStateException("no manifest of " + target));
    }

    private static ObjectNode about(Target target) {
        return StrictJson.object()
                .put("version", target.release().version())
                .put("slot", target.slot().name());
    }
}
