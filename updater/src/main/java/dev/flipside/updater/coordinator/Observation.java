package dev.flipside.updater.coordinator;

import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.updater.boot.EspView;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.lifecycle.BootReview;
import dev.flipside.updater.lifecycle.BootReview.TrialEvidence;
import dev.flipside.updater.lifecycle.BootStanding;
import dev.flipside.updater.lifecycle.HostFacts;
import dev.flipside.updater.lifecycle.HostFacts.Room;
import dev.flipside.updater.lifecycle.HostFacts.SlotFacts;
import dev.flipside.updater.lifecycle.ReleaseRef;
import java.util.Optional;

/** What disk, ESP, kernel and loader said at one moment, put together. Pure. */
public record Observation(BootedSystem system, HostLayout layout, EspView esp, Room room) {

    /** How far the boot that is running has been accepted. */
    public BootStanding standing() {
        return esp.standing(layout.booted(), system.sequence(), system.counted());
    }

    /** What the booted slot's partitions claim to hold. */
    public String bootedRootHash() {
        return HostLayout.rootHash(layout.bootedSlot());
    }

    /** What a decision needs to know. */
    public HostFacts facts(HostState remembered, UpdaterConfig.Host host) {
        return new HostFacts(
                host.product(),
                host.architecture(),
                layout.disk().usage(),
                slot(layout.bootedSlot(), remembered),
                slot(layout.inactiveSlot(), remembered),
                standing(),
                esp.foreign(),
                esp.defaultEntry().or(system::defaultEntry),
                layout.backupTableAtEnd(),
                system.varInMemory(),
                room,
                remembered.floor(),
                remembered.setbacks(),
                remembered.withdrawn(),
                system.machineId());
    }

    /** What the latest boot means is told from this. */
    BootReview.Facts review(HostState remembered, TrialEvidence trial) {
        return new BootReview.Facts(
                layout.booted(),
                bootedRootHash(),
                standing(),
                esp.otherEntry(layout.booted().other()),
                esp.isNext(layout.booted().other()),
                remembered.running(),
                trial);
    }

    /** The release that runs, as far as it is known. */
    Optional<ReleaseRef> bootedRelease(HostState remembered) {
        return release(layout.bootedSlot(), remembered);
    }

    /** What the other slot holds, if an entry boots it or could: its UKI is on the ESP. */
    Optional<ReleaseRef> otherRelease(HostState remembered) {
        return release(layout.inactiveSlot(), remembered);
    }

    private SlotFacts slot(Slot slot, HostState remembered) {
        int sectorSizeBytes = layout.sectorSizeBytes();
        return new SlotFacts(
                slot.name(),
                HostLayout.rootHash(slot),
                release(slot, remembered),
                slot.data().sizeBytes(sectorSizeBytes),
                slot.hash().sizeBytes(sectorSizeBytes));
    }

    /**
     * What is remembered about the root hash in a slot; for what came with the disk, what label and
     * ESP say. The label is only ever shown or looked up, never trusted.
     */
    private Optional<ReleaseRef> release(Slot slot, HostState remembered) {
        String rootHash = HostLayout.rootHash(slot);
        Optional<EspView.Image> image = esp.imageOf(rootHash);
        if (image.isEmpty()) {
            return Optional.empty();
        }
        String digest = image.get().digest().orElseThrow();
        return remembered
                .known()
                .filter(it -> it.rootHash().equals(rootHash))
                .filter(it -> it.ukiDigest().equals(digest))
                .findFirst()
                .or(() -> fromLabel(slot.data().name(), rootHash, digest));
    }

    private static Optional<ReleaseRef> fromLabel(String label, String rootHash, String digest) {
        int separator = label.indexOf('_');
        return separator <= 0
                ? Optional.empty()
                : Optional.of(
                        new ReleaseRef(
                                label.substring(0, separator),
                                label.substring(separator + 1),
                                rootHash,
                                digest,
                                Optional.empty()));
    }
}
