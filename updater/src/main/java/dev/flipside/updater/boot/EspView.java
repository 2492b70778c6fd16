package dev.flipside.updater.boot;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.BootOrder;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.updater.lifecycle.BootReview.OtherEntry;
import dev.flipside.updater.lifecycle.BootStanding;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the ESP says about the slots: an entry names a UKI, the UKI's command line names a root
 * hash, and the root hash names a slot. Pure.
 *
 * @param foreign what is in the boot menu and not ours
 * @param defaultEntry a default, or a preferred entry, in {@code loader.conf}
 * @param images the UKIs that stand on the ESP, referenced or not
 */
public record EspView(
        List<SlotEntry> entries,
        List<String> foreign,
        Set<String> imagesOfForeign,
        Optional<String> defaultEntry,
        List<Image> images) {

    public EspView {
        entries = List.copyOf(entries);
        foreign = List.copyOf(foreign);
        imagesOfForeign = Set.copyOf(imagesOfForeign);
        images = List.copyOf(images);
    }

    /**
     * A file in the folder for UKIs.
     *
     * @param path relative to the ESP
     * @param digest its name says; empty for a file that is no UKI of ours, such as a left-over
     * @param rootHash what its command line says; empty when it cannot be read
     */
    public record Image(
            String path, long sizeBytes, Optional<String> digest, Optional<String> rootHash) {}

    /**
     * One of our entries.
     *
     * @param slot empty when its UKI is missing or damaged, or no slot holds its root hash
     */
    public record SlotEntry(
            BootEntry entry, long sequence, Optional<Image> image, Optional<SlotName> slot) {
        boolean names(SlotName name) {
            return slot.isPresent() && slot.get() == name;
        }

        boolean isFresh() {
            return entry.counter().equals(Optional.of(BootCounter.fresh(BootCounter.TRIES)));
        }
    }

    /**
     * How far the running boot has been accepted.
     *
     * @param counted whether the loader says that the boot used up a try
     */
    public BootStanding standing(SlotName booted, OptionalLong sequence, boolean counted) {
        if (sequence.isEmpty()) {
            return BootStanding.UNKNOWN;
        }
        List<SlotEntry> own = withSequence(sequence.getAsLong());
        if (own.stream().anyMatch(it -> it.entry().isGood())) {
            return BootStanding.GOOD;
        }
        if (!own.isEmpty()) {
            return counted ? BootStanding.UNDER_TRIAL : BootStanding.UNCOUNTED;
        }
        return armed(booted, sequence.getAsLong()).isPresent()
                ? BootStanding.COMMITTED
                : BootStanding.UNKNOWN;
    }

    /** The entry that boots a slot next time, made after the one that booted it this time. */
    Optional<SlotEntry> armed(SlotName slot, long bootedSequence) {
        return naming(slot).stream()
                .filter(it -> it.sequence() > bootedSequence && it.isFresh())
                .max(Comparator.comparingLong(SlotEntry::sequence));
    }

    /** What has become of the entries of a slot that does not run. */
    public OtherEntry otherEntry(SlotName slot) {
        List<SlotEntry> own = naming(slot);
        if (own.isEmpty()) {
            return OtherEntry.ABSENT;
        }
        return own.stream().allMatch(it -> it.entry().isBad())
                ? OtherEntry.BAD
                : OtherEntry.BOOTABLE;
    }

    /** Whether the loader would start an entry of that slot, were the machine restarted now. */
    public boolean isNext(SlotName slot) {
        List<BootEntry> listed =
                entries.stream()
                        .filter(it -> it.image().isPresent())
                        .map(SlotEntry::entry)
                        .toList();
        Optional<String> first =
                BootOrder.sorted(listed).stream().findFirst().map(BootEntry::fileName);
        return naming(slot).stream()
                .anyMatch(it -> Optional.of(it.entry().fileName()).equals(first));
    }

    /** Of the entries that boot a slot. */
    public Set<Long> sequences(SlotName slot) {
        return naming(slot).stream().map(SlotEntry::sequence).collect(Collectors.toSet());
    }

    /** The UKI that boots a root hash, if the ESP has one. */
    public Optional<Image> imageOf(String rootHash) {
        return images.stream()
                .filter(image -> image.digest().isPresent())
                .filter(image -> image.rootHash().equals(Optional.of(rootHash)))
                .findFirst();
    }

    /** The file names of a slot's entries. */
    public List<String> names(SlotName slot) {
        return naming(slot).stream().map(it -> it.entry().fileName()).toList();
    }

    List<SlotEntry> naming(SlotName slot) {
        return entries.stream().filter(it -> it.names(slot)).toList();
    }

    List<SlotEntry> withSequence(long sequence) {
        return entries.stream().filter(it -> it.sequence() == sequence).toList();
    }

    /**
     * The entries that are not the running slot's. One that names no slot goes with them: nothing
     * that boots must depend on what a slot is going to hold.
     */
    List<SlotEntry> notOf(SlotName booted, OptionalLong bootedSequence) {
        return entries.stream()
                .filter(it -> !it.names(booted))
                .filter(it -> !OptionalLong.of(it.sequence()).equals(bootedSequence))
                .toList();
    }

    /** The files that no entry needs any more once the entries that are not in the list go. */
    List<Image> unneeded(List<SlotEntry> staying) {
        Set<String> needed =
                staying.stream()
                        .flatMap(it -> it.image().stream())
                        .map(Image::path)
                        .collect(Collectors.toSet());
        return images.stream()
                .filter(image -> !needed.contains(image.path()))
                .filter(image -> !imagesOfForeign.contains(image.path()))
                .toList();
    }

    List<SlotEntry> staying(SlotName booted, OptionalLong bootedSequence) {
        List<SlotEntry> going = notOf(booted, bootedSequence);
        return entries.stream().filter(it -> !going.contains(it)).toList();
    }
}
