package dev.flipside.builder.inspect;

import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.BootOrder;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.fat.FatEntry;
import dev.flipside.boot.fat.FatReader;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a disk holds, as far as that can be seen without reading all of it.
 *
 * @param entries in the order of the loader's menu
 * @param next the file name of the entry that the loader starts
 * @param images the UKIs that the entries name, or that lie beside those
 */
public record DiskFacts(
        DiskImage.Format format,
        long sizeBytes,
        GptOnDisk table,
        DiskLayout layout,
        List<SlotFacts> slots,
        List<EntryFacts> entries,
        Optional<String> next,
        List<ImageFacts> images) {
    private static final int MAX_ENTRY_BYTES = 64 * 1024;

    public DiskFacts {
        slots = List.copyOf(slots);
        entries = List.copyOf(entries);
        images = List.copyOf(images);
    }

    /**
     * A slot.
     *
     * @param rootHash as its partitions' UUIDs say; empty when it holds nothing
     * @param treeMatches whether the top of its hash tree leads there
     */
    public record SlotFacts(
            SlotName name, String label, Optional<String> rootHash, boolean treeMatches) {}

    /**
     * A boot entry.
     *
     * @param imageFound whether what it starts is on the ESP
     */
    public record EntryFacts(BootEntry entry, boolean imageFound) {}

    /** A UKI on the ESP, and the slots that it opens. */
    public record ImageFacts(String path, UkiFacts uki, List<SlotName> slots) {
        public ImageFacts {
            slots = List.copyOf(slots);
        }
    }

    /**
     * Looks at a disk.
     *
     * @throws FlipsideException {@code gpt-malformed}, {@code slot-unknown} or {@code
     *     esp-malformed} when it is not a Flipside disk, and {@code uki-malformed}
     */
    public static DiskFacts read(DiskImage disk) throws IOException, FlipsideException {
        GptOnDisk table = Gpt.read(disk.device());
        DiskLayout layout = DiskLayout.find(table.gpt());
        List<SlotFacts> slots = new ArrayList<>();
        for (SlotName name : SlotName.values()) {
            slots.add(slot(disk, layout.slot(name)));
        }
        FatReader esp = FatReader.open(disk.partition(layout.esp()));
        List<EntryFacts> entries = entries(esp);
        Optional<String> next =
                BootOrder.pick(
                                entries.stream().map(EntryFacts::entry).toList(),
                                layout.architecture(),
                                path -> contains(entries, path))
                        .map(BootEntry::fileName);
        return new DiskFacts(
                disk.format(),
                disk.device().sizeBytes(),
                table,
                layout,
                slots,
                entries,
                next,
                images(esp, slots));
    }

    /** The root hash that the UUIDs of a slot's partitions are made of. */
    public static Optional<byte[]> rootHash(DiskLayout.Slot slot) {
        SlotIdentity identity = slot.identity();
        if (identity.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                ByteBuffer.allocate(32)
                        .putLong(identity.data().getMostSignificantBits())
                        .putLong(identity.data().getLeastSignificantBits())
                        .putLong(identity.hash().getMostSignificantBits())
                        .putLong(identity.hash().getLeastSignificantBits())
                        .array());
    }

    /** The superblock of a slot's hash tree. */
    public static VerityParameters parameters(RandomAccess tree)
            throws IOException, FlipsideException {
        byte[] superblock = new byte[VerityParameters.BLOCK_SIZE_BYTES];
        tree.read(ByteBuffer.wrap(superblock), 0);
        return VeritySuperblock.decode(superblock);
    }

    private static SlotFacts slot(DiskImage disk, DiskLayout.Slot slot) throws IOException {
        Optional<byte[]> rootHash = rootHash(slot);
        return new SlotFacts(
                slot.name(),
                slot.data().name(),
                rootHash.map(HexFormat.of()::formatHex),
                rootHash.isPresent() && matches(disk.partition(slot.hash()), rootHash.get()));
    }

    private static boolean matches(RandomAccess tree, byte[] rootHash) throws IOException {
        try {
            VerityParameters parameters = parameters(tree);
            return parameters.geometry().fileSizeBytes() <= tree.sizeBytes()
                    && ReleaseFacts.leadsToRoot(tree, parameters, rootHash);
        } catch (FlipsideException e) {
            return false;
        }
    }

    private static List<EntryFacts> entries(FatReader esp) throws IOException, FlipsideException {
        List<BootEntry> found = new ArrayList<>();
        for (FatEntry file : list(esp, EspLayout.ENTRIES)) {
            if (!file.folder() && BootEntry.isEntryFile(file.name())) {
                found.add(BootEntry.parse(file.name(), esp.readAll(file, MAX_ENTRY_BYTES)));
            }
        }
        List<EntryFacts> entries = new ArrayList<>();
        for (BootEntry entry : BootOrder.sorted(found)) {
            boolean imageFound =
                    entry.imagePath().isPresent() && esp.find(entry.imagePath().get()).isPresent();
            entries.add(new EntryFacts(entry, imageFound));
        }
        return entries;
    }

    private static boolean contains(List<EntryFacts> entries, String path) {
        return entries.stream()
                .filter(EntryFacts::imageFound)
                .anyMatch(it -> it.entry().imagePath().filter(path::equals).isPresent());
    }

    private static List<ImageFacts> images(FatReader esp, List<SlotFacts> slots)
            throws IOException, FlipsideException {
        List<ImageFacts> images = new ArrayList<>();
        for (FatEntry file : list(esp, EspLayout.IMAGES)) {
            if (file.folder()) {
                continue;
            }
            UkiFacts uki = UkiFacts.read(esp.open(file));
            List<SlotName> opened =
                    slots.stream()
                            .filter(it -> it.rootHash().isPresent())
                            .filter(it -> it.rootHash().equals(uki.rootHash()))
                            .map(SlotFacts::name)
                            .toList();
            images.add(new ImageFacts(EspLayout.IMAGES + "/" + file.name(), uki, opened));
        }
        return images;
    }

    /** The entries of a folder of the ESP, none where there is no such folder. */
    static List<FatEntry> list(FatReader esp, String folder) throws IOException, FlipsideException {
        return esp.find(folder).filter(FatEntry::folder).isPresent() ? esp.list(folder) : List.of();
    }
}
