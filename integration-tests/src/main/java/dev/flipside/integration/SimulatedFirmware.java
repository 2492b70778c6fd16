package dev.flipside.integration;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.BootEntry.ImageKey;
import dev.flipside.boot.entries.BootOrder;
import dev.flipside.boot.entries.LoaderConf;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.uki.Uki;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import dev.flipside.release.Architecture;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What EDK2 and systemd-boot (252 to 262) do between power and kernel: mend a torn partition table,
 * pick the entry, count its try down by renaming it, and load its image. They know nothing of slots
 * or verity. Where the versions differ, the newest is followed.
 *
 * <p>An image that does not load is the end: these loaders return to the firmware, and do not fall
 * back; only {@code reboot-on-error} of newer ones would.
 */
final class SimulatedFirmware {
    private static final int MAX_LOADER_CONF_BYTES = 64 << 10;

    private final DurableFolder esp;
    private final Consumer<String> console;

    SimulatedFirmware(DurableFolder esp, Consumer<String> console) {
        this.esp = esp;
        this.console = console;
    }

    /** What is left when the loader is done. */
    sealed interface Handover {
        /**
         * The image runs.
         *
         * @param entry under the name that it has now
         * @param image open until the boot is over
         */
        record Started(BootEntry entry, Uki uki, SeekableByteChannel image)
                implements Handover, Closeable {
            /** Whether the boot has used up a try. */
            boolean counted() {
                return counts(entry);
            }

            /** Whether the entry was started though it had no tries left. */
            boolean exhausted() {
                return entry.counter().filter(BootCounter::isExhausted).isPresent();
            }

            @Override
            public void close() throws IOException {
                image.close();
            }
        }

        /** The machine stands still until somebody comes. */
        record Stopped(String why) implements Handover {}
    }

    /** Goes as far as the jump into the image. */
    Handover powerOn(BlockDevice disk) throws IOException, FlipsideException {
        mendPartitionTable(disk);
        BootEntries entries = new BootEntries(esp);
        List<BootEntry> all = entries.list().all();
        Optional<BootEntry> picked = pick(all);
        if (picked.isEmpty()) {
            return new Handover.Stopped("loader: no entry whose image is on the ESP");
        }
        BootEntry entry = countDown(picked.get());
        String path = entry.imagePath().orElseThrow();
        console.accept(
                "loader: starts %s (%s)".formatted(entry.fileName(), entry.title().orElse(path)));
        return load(entry, path);
    }

    /** EDK2 writes the copy that is wrong anew from the one that is right. */
    private void mendPartitionTable(BlockDevice disk) throws IOException, FlipsideException {
        GptOnDisk table = Gpt.read(disk);
        if (!table.primaryValid() || !table.backupValid()) {
            console.accept(
                    "firmware: mends the %s partition table"
                            .formatted(table.primaryValid() ? "backup" : "primary"));
            table.gpt().write(disk);
        }
    }

    /**
     * A preferred entry comes before all order until it is bad, and then a default, even when it is
     * bad (systemd#31215).
     */
    private Optional<BootEntry> pick(List<BootEntry> all) throws IOException {
        Optional<LoaderConf> conf =
                esp.read(EspLayout.LOADER_CONF, MAX_LOADER_CONF_BYTES).map(LoaderConf::parse);
        List<BootEntry> startable = all.stream().filter(this::hasImage).toList();
        List<BootEntry> notBad = startable.stream().filter(it -> !it.isBad()).toList();
        Optional<BootEntry> named =
                conf.flatMap(LoaderConf::preferredEntry)
                        .flatMap(pattern -> first(notBad, pattern))
                        .or(
                                () ->
                                        conf.flatMap(LoaderConf::defaultEntry)
                                                .flatMap(pattern -> first(startable, pattern)));
        return named.isPresent()
                ? named
                : BootOrder.pick(startable, Architecture.X86_64, path -> true)
                        .or(() -> BootOrder.pick(startable, Architecture.ARM64, path -> true));
    }

    private static Optional<BootEntry> first(List<BootEntry> entries, String pattern) {
        return BootOrder.sorted(entries).stream()
                .filter(entry -> matches(pattern, entry.id()))
                .findFirst();
    }

    private static boolean matches(String pattern, String id) {
        String glob = pattern.toLowerCase(Locale.ROOT);
        return FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(Path.of(id));
    }

    private boolean hasImage(BootEntry entry) {
        try {
            return entry.imagePath().isPresent()
                    && esp.sizeBytes(entry.imagePath().get()).isPresent();
        } catch (IOException e) {
            // The loader passes over what it cannot look at.
            return false;
        }
    }

    // Loaders from 259 on count no entry that has the key "efi" (systemd#40405).
    private static boolean counts(BootEntry entry) {
        return entry.counter().isPresent() && !entry.imageKey().equals(Optional.of(ImageKey.EFI));
    }

    private BootEntry countDown(BootEntry entry) throws IOException {
        Optional<BootCounter> counter = entry.counter();
        if (!counts(entry)) {
            return entry;
        }
        BootEntry counted = entry.with(counter.map(BootCounter::countedDown));
        esp.rename(
                EspLayout.ENTRIES + "/" + entry.fileName(),
                EspLayout.ENTRIES + "/" + counted.fileName());
        return counted;
    }

    private Handover load(BootEntry entry, String path) throws IOException {
        SeekableByteChannel image = esp.open(path);
        try {
            return new Handover.Started(entry, Uki.read(RandomAccess.of(image)), image);
        } catch (FlipsideException e) {
            image.close();
            return new Handover.Stopped(
                    "loader: Error loading %s: %s".formatted(path, e.failure().line()));
        }
    }
}
