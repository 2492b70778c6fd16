package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

import dev.flipside.release.ReleaseManifest;
import dev.flipside.updater.lifecycle.HostFacts.SlotFacts;
import java.util.List;

/** The rules that ask whether the host is in a state to be updated, and has room. */
public final class HostRules {
    /** What an update writes to the state folder, at most: metadata, state, history and trials. */
    public static final long STATE_ROOM_BYTES = 4L << 20;

    /** For the entry and the FAT's own bookkeeping, beside the UKI itself. */
    public static final long ESP_MARGIN_BYTES = 128L << 10;

    private HostRules() {}

    static List<RuleResult> ofHost(HostFacts host) {
        String menu =
                host.loaderDefault()
                        .map("default or preferred entry '%s'"::formatted)
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
                        switch (host.standing()) {
                            case UNCOUNTED ->
                                    "have systemd-boot 252 or newer on a writable ESP, and"
                                            + " reboot";
                            case UNKNOWN -> "boot an entry of Flipside";
                            case UNDER_TRIAL, GOOD, COMMITTED -> "wait for the end of the trial";
                        }),
                result(
                        Rule.FOREIGN_BOOT_ENTRY,
                        host.foreignEntries().isEmpty() && host.loaderDefault().isEmpty(),
                        "only our entries, none of them default or preferred",
                        menu,
                        "remove it from the ESP and its loader.conf; 'bootctl set-default \"\"' and"
                                + " 'bootctl set-preferred \"\"' unset the variables"),
                result(
                        Rule.DISK_NOT_GROWN,
                        host.backupTableAtEnd(),
                        "the second partition table in the last sector",
                        host.backupTableAtEnd() ? "it is there" : "it is elsewhere, or damaged",
                        "move it there: 'flipctl grow'"),
                result(
                        Rule.TEMPORARY_STATE,
                        !host.temporaryState(),
                        "a /var that stays",
                        host.temporaryState() ? "a temporary one, in memory" : "one that stays",
                        "mend the file system of the partition 'var', and reboot"));
    }

    static List<RuleResult> ofRoom(HostFacts host, Candidate.Found candidate) {
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
}
