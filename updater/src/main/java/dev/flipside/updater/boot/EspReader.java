package dev.flipside.updater.boot;

import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.LoaderConf;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.uki.KernelCommandLine;
import dev.flipside.boot.uki.Uki;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.DurableFolder;
import dev.flipside.updater.boot.EspView.Image;
import dev.flipside.updater.boot.EspView.SlotEntry;
import dev.flipside.updater.host.HostLayout;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads an {@link EspView}. Damaged UKIs are part of it; a damaged ESP is a failure. */
final class EspReader {
    private static final int MAX_CONF_BYTES = 64 << 10;
    private static final int MAX_IMAGES = 256;
    private static final Pattern IMAGE_NAME = Pattern.compile("([0-9a-f]{64})\\.efi");
    private static final Pattern ROOT_HASH = Pattern.compile("[0-9a-f]{64}");
    private static final int HALF = 32;

    private final DurableFolder esp;

    EspReader(DurableFolder esp) {
        this.esp = esp;
    }

    EspView read(HostLayout layout) throws IOException, FlipsideException {
        BootEntries.Listing listing = new BootEntries(esp).list();
        List<Image> images = images();
        List<SlotEntry> entries = new ArrayList<>();
        for (BootEntry entry : listing.own()) {
            Optional<Image> image =
                    images.stream()
                            .filter(it -> entry.imagePath().equals(Optional.of(it.path())))
                            .findFirst();
            entries.add(
                    new SlotEntry(
                            entry,
                            entry.sequence().orElseThrow(),
                            image,
                            image.flatMap(Image::rootHash).flatMap(it -> slot(layout, it))));
        }
        List<String> foreign = new ArrayList<>();
        listing.foreign().forEach(it -> foreign.add(EspLayout.ENTRIES + "/" + it.fileName()));
        foreign.addAll(listing.foreignImages());
        Set<String> imagesOfForeign =
                listing.foreign().stream()
                        .flatMap(it -> it.imagePath().stream())
                        .collect(Collectors.toSet());
        return new EspView(entries, foreign, imagesOfForeign, namedEntry(), images);
    }

    private Optional<String> namedEntry() throws IOException {
        return esp.read(EspLayout.LOADER_CONF, MAX_CONF_BYTES)
                .flatMap(bytes -> LoaderConf.parse(bytes).namedEntry());
    }

    private List<Image> images() throws IOException, FlipsideException {
        List<String> names = esp.list(EspLayout.IMAGES);
        if (names.size() > MAX_IMAGES) {
            throw new FlipsideException(
                    FailureCode.ESP_MALFORMED,
                    "ESP: " + EspLayout.IMAGES,
                    "at most %d files".formatted(MAX_IMAGES),
                    "%d".formatted(names.size()),
                    "remove what is not Flipside's");
        }
        List<Image> images = new ArrayList<>();
        for (String name : names) {
            String path = EspLayout.IMAGES + "/" + name;
            Optional<Long> sizeBytes = esp.sizeBytes(path);
            if (sizeBytes.isPresent()) {
                Matcher matcher = IMAGE_NAME.matcher(name);
                images.add(
                        matcher.matches()
                                ? new Image(
                                        path,
                                        sizeBytes.get(),
                                        Optional.of(matcher.group(1)),
                                        rootHash(path))
                                : new Image(
                                        path, sizeBytes.get(), Optional.empty(), Optional.empty()));
            }
        }
        return images;
    }

    /** The root hash that a UKI boots; empty for one that boots nothing of ours. */
    Optional<String> rootHash(String path) throws IOException {
        try (SeekableByteChannel channel = esp.open(path)) {
            KernelCommandLine line = Uki.read(RandomAccess.of(channel)).commandLine();
            return line.value("roothash")
                    .or(() -> line.value("usrhash"))
                    .filter(hash -> ROOT_HASH.matcher(hash).matches());
        } catch (FlipsideException e) {
            // Not a UKI any more: nothing that it could boot is told by it.
            return Optional.empty();
        }
    }

    /** The slot that the initrd opens for a root hash; the one that runs, if both claim it. */
    private static Optional<SlotName> slot(HostLayout layout, String rootHash) {
        if (claims(layout.bootedSlot(), rootHash)) {
            return Optional.of(layout.booted());
        }
        return claims(layout.inactiveSlot(), rootHash)
                ? Optional.of(layout.booted().other())
                : Optional.empty();
    }

    private static boolean claims(Slot slot, String rootHash) {
        return HostLayout.rootHash(slot).startsWith(rootHash.substring(0, HALF));
    }
}
