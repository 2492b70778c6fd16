package dev.flipside.updater.boot;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.secureboot.FirmwareTrust;
import dev.flipside.boot.uki.AttributeCertificates;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.DurableFolder;
import dev.flipside.updater.boot.EspView.Image;
import dev.flipside.updater.boot.EspView.SlotEntry;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.lifecycle.HostFacts.Room;
import dev.flipside.updater.lifecycle.ReleaseRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The ESP as the updater changes it. Each change is one file created, renamed or removed, and each
 * method can be run again after a crash in the middle of it.
 *
 * <p>Invariant: a method that removes entries leaves those of the slot that runs, and one that
 * moves the slot that runs to another entry creates the new one before it removes the old one.
 */
public final class BootControl {
    private static final int CHUNK_BYTES = 64 << 10;
    private static final String TEMPORARY = ".tmp-";

    private final DurableFolder esp;
    private final BootEntries entries;

    public BootControl(DurableFolder esp) {
        this.esp = esp;
        this.entries = new BootEntries(esp);
    }

    public EspView view(HostLayout layout) throws IOException, FlipsideException {
        return new EspReader(esp).read(layout);
    }

    /** The room on the ESP, now and once the inactive slot is emptied. */
    public Room room(EspView view, SlotName booted, OptionalLong sequence, long stateUsableBytes)
            throws IOException {
        List<Image> going = view.unneeded(view.staying(booted, sequence));
        Set<String> staying =
                view.images().stream()
                        .filter(image -> !going.contains(image))
                        .flatMap(image -> image.digest().stream())
                        .collect(Collectors.toSet());
        return new Room(
                esp.usableBytes(),
                going.stream().mapToLong(Image::sizeBytes).sum(),
                staying,
                stateUsableBytes);
    }

    /**
     * Step 2: removes every entry that is not the running slot's, and then every file that none of
     * the others needs.
     *
     * @throws FlipsideException {@code esp-malformed} when nothing would be left to boot
     */
    public void emptyInactiveSlot(HostLayout layout, OptionalLong sequence)
            throws IOException, FlipsideException {
        EspView view = view(layout);
        List<SlotEntry> staying = view.staying(layout.booted(), sequence);
        if (staying.stream().allMatch(it -> it.entry().isBad() || !it.names(layout.booted()))) {
            throw new FlipsideException(
                    FailureCode.ESP_MALFORMED,
                    "boot entries",
                    "one for slot %s, which runs".formatted(layout.booted()),
                    "none that can boot",
                    "run 'flipctl status', and boot the host through its own entry");
        }
        for (SlotEntry entry : view.notOf(layout.booted(), sequence)) {
            entries.remove(entry.entry());
        }
        for (Image image : view.unneeded(staying)) {
            esp.remove(image.path());
        }
        sweep(EspLayout.ENTRIES);
    }

    /**
     * Step 5: writes a UKI under its digest, and reads it back. One that is there already is only
     * read.
     *
     * @param content is checked while it is written
     * @throws FlipsideException as {@link #requireUki}
     */
    public void writeUki(ReleaseRef release, UkiContent content, FirmwareTrust firmware)
            throws IOException, FlipsideException {
        String path = EspLayout.imagePath(release.ukiDigest());
        if (esp.sizeBytes(path).isEmpty() || !digest(path).equals(release.ukiDigest())) {
            CheckedContent.replace(esp, path, release.ukiDigest(), content);
        }
        requireUki(release, firmware);
    }

    /**
     * Step 7, the flip: an entry with three tries and the highest sequence. Entries that the slot
     * had before go afterwards.
     *
     * @throws FlipsideException as {@link #requireUki}
     */
    public void createEntry(
            HostLayout layout, SlotName slot, ReleaseRef release, FirmwareTrust firmware)
            throws IOException, FlipsideException {
        requireUki(release, firmware);
        String path = EspLayout.imagePath(release.ukiDigest());
        putFirst(view(layout), slot, title(release, slot), path);
    }

    /** Makes the slot that runs the next boot again; the other slot keeps its entries. */
    public void putBootedFirst(HostLayout layout) throws IOException, FlipsideException {
        EspView view = view(layout);
        BootEntry newest =
                view.naming(layout.booted()).stream()
                        .max(Comparator.comparingLong(SlotEntry::sequence))
                        .orElseThrow(() -> noneOfBooted("boot entries"))
                        .entry();
        putFirst(view, layout.booted(), titleOf(newest), newest.imagePath().orElseThrow());
    }

    /** A fresh entry above all others, unless it is there; then the slot's others go. */
    private void putFirst(EspView view, SlotName slot, String title, String path)
            throws IOException, FlipsideException {
        long highest = view.entries().stream().mapToLong(SlotEntry::sequence).max().orElse(0);
        Optional<SlotEntry> present =
                view.naming(slot).stream()
                        .filter(it -> it.sequence() == highest && it.isFresh())
                        .filter(it -> it.entry().imagePath().equals(Optional.of(path)))
                        .findFirst();
        BootEntry entry = present.isPresent() ? present.get().entry() : add(title, path);
        removeAllBut(entry, view.naming(slot));
    }

    /** Commits: the slot that runs gets a counted entry, and loses the one that booted it. */
    public void armNextBoot(HostLayout layout, long sequence)
            throws IOException, FlipsideException {
        EspView view = view(layout);
        List<SlotEntry> own = view.naming(layout.booted());
        Optional<SlotEntry> armed = view.armed(layout.booted(), sequence);
        BootEntry entry = armed.isPresent() ? armed.get().entry() : copyOfBooted(own, sequence);
        removeAllBut(entry, own);
        // What a cut has left of an entry that was being written.
        sweep(EspLayout.ENTRIES);
    }

    /** Removes every entry of a slot: it does not boot any more. */
    public void removeEntries(HostLayout layout, SlotName slot)
            throws IOException, FlipsideException {
        for (SlotEntry entry : view(layout).naming(slot)) {
            entries.remove(entry.entry());
        }
    }

    /** What systemd-bless-boot does after a good boot; for hosts without it. */
    public void markGood(long sequence) throws IOException, FlipsideException {
        for (BootEntry entry : withSequence(sequence)) {
            if (!entry.isGood()) {
                entries.markGood(entry);
            }
        }
    }

    /** Takes all tries from an entry: the loader starts it no more while another one can boot. */
    public void markBad(long sequence) throws IOException, FlipsideException {
        for (BootEntry entry : withSequence(sequence)) {
            if (!entry.isBad()) {
                entries.markBad(entry);
            }
        }
    }

    /**
     * Checks that the UKI of a release stands on the ESP, whole, boots its image, and is one that
     * the firmware starts.
     *
     * @throws FlipsideException {@code digest-mismatch}, {@code uki-malformed} or {@code
     *     signature-invalid}
     */
    public void requireUki(ReleaseRef release, FirmwareTrust firmware)
            throws IOException, FlipsideException {
        String path = EspLayout.imagePath(release.ukiDigest());
        if (esp.sizeBytes(path).isEmpty()) {
            throw wrongUki(FailureCode.DIGEST_MISMATCH, release, "the UKI on the ESP", "none");
        }
        String digest = digest(path);
        if (!digest.equals(release.ukiDigest())) {
            throw wrongUki(
                    FailureCode.DIGEST_MISMATCH, release, "SHA-256 " + release.ukiDigest(), digest);
        }
        Optional<String> rootHash = new EspReader(esp).rootHash(path);
        if (!rootHash.equals(Optional.of(release.rootHash()))) {
            throw wrongUki(
                    FailureCode.UKI_MALFORMED,
                    release,
                    "a command line with root hash " + release.rootHash(),
                    rootHash.orElse("none"));
        }
        requireTrusted(release, path, firmware);
    }

    // The loader does not fall back from an image that the firmware refuses.
    private void requireTrusted(ReleaseRef release, String path, FirmwareTrust firmware)
            throws IOException, FlipsideException {
        if (!firmware.enforced()) {
            return;
        }
        Optional<String> refusal;
        try (SeekableByteChannel channel = esp.open(path)) {
            refusal = firmware.refusal(AttributeCertificates.read(RandomAccess.of(channel), "UKI"));
        }
        if (refusal.isPresent()) {
            throw new FlipsideException(
                    FailureCode.SIGNATURE_INVALID,
                    "UKI of " + release.version(),
                    "a signature that the firmware takes, as Secure Boot is on",
                    refusal.get(),
                    "sign the release with a key whose certificate is in db, or enrol that one");
        }
    }

    private static FlipsideException wrongUki(
            FailureCode code, ReleaseRef release, String expected, String found) {
        return new FlipsideException(
                code,
                "UKI of " + release.version(),
                expected,
                found,
                "build and publish the release again, or stage it again");
    }

    private BootEntry copyOfBooted(List<SlotEntry> own, long sequence)
            throws IOException, FlipsideException {
        BootEntry booted =
                own.stream()
                        .filter(it -> it.sequence() == sequence)
                        .findFirst()
                        .orElseThrow(() -> noneOfBooted("boot entry " + sequence))
                        .entry();
        return add(titleOf(booted), booted.imagePath().orElseThrow());
    }

    private static FlipsideException noneOfBooted(String what) {
        return new FlipsideException(
                FailureCode.ESP_MALFORMED,
                what,
                "an entry that names the slot that runs",
                "none",
                "boot the host through its own entry");
    }

    private static String titleOf(BootEntry entry) {
        return entry.title().orElse("Flipside");
    }

    private BootEntry add(String title, String imagePath) throws IOException, FlipsideException {
        BootEntry entry =
                BootEntry.flipside(
                        entries.nextSequence(),
                        Optional.of(BootCounter.fresh(BootCounter.TRIES)),
                        title,
                        imagePath);
        entries.add(entry);
        return entry;
    }

    private void removeAllBut(BootEntry kept, List<SlotEntry> all) throws IOException {
        for (SlotEntry entry : all) {
            if (!entry.entry().fileName().equals(kept.fileName())) {
                entries.remove(entry.entry());
            }
        }
    }

    private List<BootEntry> withSequence(long sequence) throws IOException, FlipsideException {
        return entries.list().own().stream()
                .filter(it -> it.sequence().equals(OptionalLong.of(sequence)))
                .toList();
    }

    private void sweep(String folder) throws IOException {
        for (String name : esp.list(folder)) {
            if (name.startsWith(TEMPORARY)) {
                esp.remove(folder + "/" + name);
            }
        }
    }

    private String digest(String path) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        java.security.MessageDigest digest = CheckedContent.sha256();
        try (SeekableByteChannel channel = esp.open(path)) {
            while (channel.read(chunk) >= 0) {
                digest.update(chunk.flip());
                chunk.clear();
            }
        }
        return java.util.HexFormat.of().formatHex(digest.digest());
    }

    private static String title(ReleaseRef release, SlotName slot) {
        return "%s %s (slot %s)".formatted(release.product(), release.version(), slot);
    }
}
