package dev.flipside.updater.lifecycle;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What is so on a host, as far as a decision needs it.
 *
 * @param loaderDefault a default or preferred entry that someone has set, and that systemd-boot
 *     would boot before any newer one; a default even without tries left
 * @param foreignEntries what is in the boot menu and not ours
 * @param backupTableAtEnd whether the second partition table is in the last sector
 * @param temporaryState whether what the host remembers is gone after the next boot
 * @param floor the security floor; 0 until a commit has raised it
 * @param withdrawn the digests of the manifests of known releases that the channel had withdrawn
 *     when it was asked last
 * @param machineId what makes its place in a rollout its own; empty on a host that has none
 */
public record HostFacts(
        String product,
        Architecture architecture,
        Usage usage,
        SlotFacts booted,
        SlotFacts inactive,
        BootStanding standing,
        List<String> foreignEntries,
        Optional<String> loaderDefault,
        boolean backupTableAtEnd,
        boolean temporaryState,
        Room room,
        int floor,
        List<Setback> setbacks,
        Set<String> withdrawn,
        Optional<String> machineId) {

    public HostFacts {
        Objects.requireNonNull(product);
        Objects.requireNonNull(architecture);
        Objects.requireNonNull(usage);
        Objects.requireNonNull(booted);
        Objects.requireNonNull(inactive);
        Objects.requireNonNull(standing);
        Objects.requireNonNull(loaderDefault);
        Objects.requireNonNull(room);
        Objects.requireNonNull(machineId);
        foreignEntries = List.copyOf(foreignEntries);
        setbacks = List.copyOf(setbacks);
        withdrawn = Set.copyOf(withdrawn);
    }

    /** Whether the channel had withdrawn the release that runs when it was asked last. */
    public boolean runsWithdrawn() {
        return booted.release().filter(it -> it.isAmong(withdrawn)).isPresent();
    }

    /**
     * One slot.
     *
     * @param rootHash what its partitions say that it holds, in lowercase hex
     * @param release what is known about that; empty for a slot that holds nothing
     */
    public record SlotFacts(
            SlotName name,
            String rootHash,
            Optional<ReleaseRef> release,
            long dataBytes,
            long hashBytes) {
        /** What is known of its contents, for people. */
        public String words() {
            return release.map(ReleaseRef::version).orElse("nothing");
        }
    }

    /**
     * The room for what an update writes.
     *
     * @param espUsableBytes as it is now
     * @param espReclaimableBytes what emptying the inactive slot gives back
     * @param ukisThatStay the digests of the UKIs on the ESP that stay when the slot is emptied
     * @param stateUsableBytes in the folder with the host's state
     */
    public record Room(
            long espUsableBytes,
            long espReclaimableBytes,
            Set<String> ukisThatStay,
            long stateUsableBytes) {
        public Room {
            ukisThatStay = Set.copyOf(ukisThatStay);
        }
    }
}
