package dev.flipside.builder.disk;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.BootOrder;
import dev.flipside.boot.entries.LoaderConf;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.boot.uki.KernelCommandLine;
import dev.flipside.boot.uki.Uki;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a disk that is not running would boot, and which of its slots it can do without: the one
 * that the loader would not start, unless an entry that is not bad names it, as then it is the one
 * to fall back to.
 */
final class DiskBoot {
    private static final int MAX_CONF_BYTES = 64 << 10;

    private final DiskLayout layout;
    private final DurableFolder esp;
    private final BootEntries entries;
    private final BootEntries.Listing listing;

    private DiskBoot(DiskLayout layout, DurableFolder esp) throws IOException, FlipsideException {
        this.layout = layout;
        this.esp = esp;
        this.entries = new BootEntries(esp);
        this.listing = entries.list();
    }

    static DiskBoot read(DiskLayout layout, DurableFolder esp)
            throws IOException, FlipsideException {
        DiskBoot boot = new DiskBoot(layout, esp);
        boot.requireOnlyOwnEntries();
        return boot;
    }

    /**
     * The slot that may be written.
     *
     * @throws FlipsideException {@code update-held} when neither may be, {@code esp-malformed} when
     *     the disk boots nothing
     */
    SlotName spareSlot() throws IOException, FlipsideException {
        BootEntry next = next();
        SlotName spare = slot(next).orElseThrow(() -> boots("an entry of no slot")).other();
        if (next.counter().map(BootCounter::done).orElse(0) > 0) {
            throw held(
                    "a disk whose slot %s has proved itself".formatted(spare.other()),
                    "tries of it that did not end well",
                    "boot the disk until its trial has ended");
        }
        for (BootEntry entry : listing.own()) {
            if (!entry.isBad() && slot(entry).equals(Optional.of(spare))) {
                throw held(
                        "a slot that no entry boots",
                        "slot %s in use by %s, to fall back to".formatted(spare, entry.fileName()),
                        "let the host update itself, or make a new disk");
            }
        }
        return spare;
    }

    /** Removes the entries that do not boot the slot that stays, and then what nobody needs. */
    void empty(SlotName spare) throws IOException, FlipsideException {
        for (BootEntry entry : listing.own()) {
            if (!slot(entry).equals(Optional.of(spare.other()))) {
                entries.remove(entry);
            }
        }
        for (String image : unneededImages(spare)) {
            esp.remove(image);
        }
    }

    /** The room for files once the slot is emptied. */
    long roomBytes(SlotName spare) throws IOException, FlipsideException {
        long room = esp.usableBytes();
        for (String image : unneededImages(spare)) {
            room += esp.sizeBytes(image).orElse(0L);
        }
        return room;
    }

    private List<String> unneededImages(SlotName spare) throws IOException, FlipsideException {
        Set<String> needed =
                staying(spare).stream()
                        .flatMap(entry -> entry.imagePath().stream())
                        .collect(Collectors.toSet());
        return esp.list(EspLayout.IMAGES).stream()
                .map(name -> EspLayout.IMAGES + "/" + name)
                .filter(path -> !needed.contains(path))
                .toList();
    }

    private List<BootEntry> staying(SlotName spare) throws IOException, FlipsideException {
        List<BootEntry> staying = new java.util.ArrayList<>();
        for (BootEntry entry : listing.own()) {
            if (slot(entry).equals(Optional.of(spare.other()))) {
                staying.add(entry);
            }
        }
        return staying;
    }

    private BootEntry next() throws IOException, FlipsideException {
        List<String> images =
                esp.list(EspLayout.IMAGES).stream()
                        .map(name -> EspLayout.IMAGES + "/" + name)
                        .toList();
        return BootOrder.pick(listing.all(), layout.architecture(), images::contains)
                .filter(entry -> !entry.isBad())
                .orElseThrow(() -> boots("none"));
    }

    private Optional<SlotName> slot(BootEntry entry) throws IOException {
        Optional<String> image = entry.imagePath();
        if (image.isEmpty() || esp.sizeBytes(image.get()).isEmpty()) {
            return Optional.empty();
        }
        try (SeekableByteChannel uki = esp.open(image.get())) {
            KernelCommandLine line = Uki.read(RandomAccess.of(uki)).commandLine();
            return line.value("roothash").or(() -> line.value("usrhash")).flatMap(this::slot);
        } catch (FlipsideException e) {
            // Not a UKI any more: nothing that it could boot is told by it.
            return Optional.empty();
        }
    }

    private Optional<SlotName> slot(String rootHash) {
        if (!rootHash.matches("[0-9a-f]{64}")) {
            return Optional.empty();
        }
        SlotIdentity identity = SlotIdentity.of(HexFormat.of().parseHex(rootHash), "", "");
        for (SlotName name : SlotName.values()) {
            if (layout.slot(name).data().uuid().equals(identity.data())) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    private void requireOnlyOwnEntries() throws IOException, FlipsideException {
        if (!listing.foreign().isEmpty() || !listing.foreignImages().isEmpty()) {
            throw held(
                    "Flipside's boot entries alone",
                    listing.foreign().isEmpty()
                            ? listing.foreignImages().getFirst()
                            : listing.foreign().getFirst().fileName(),
                    "remove what is foreign from the ESP");
        }
        Optional<String> named =
                esp.read(EspLayout.LOADER_CONF, MAX_CONF_BYTES)
                        .flatMap(content -> LoaderConf.parse(content).namedEntry());
        if (named.isPresent()) {
            throw held(
                    "no default and no preferred entry in " + EspLayout.LOADER_CONF,
                    named.get(),
                    "remove that line, which has the loader pass over the newest entry");
        }
    }

    private static FlipsideException boots(String found) {
        return new FlipsideException(
                FailureCode.ESP_MALFORMED,
                "boot entries of the disk",
                "one that can boot a slot of it",
                found,
                "make a new disk with 'flipside-image disk --out'");
    }

    private static FlipsideException held(String expected, String found, String action) {
        return new FlipsideException(
                FailureCode.UPDATE_HELD, "update of the disk", expected, found, action);
    }
}
