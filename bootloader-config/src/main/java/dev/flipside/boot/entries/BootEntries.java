package dev.flipside.boot.entries;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The boot entries on an ESP. Each change is one file created, renamed or removed, and durable when
 * the call returns; foreign entries are listed and never touched.
 */
public final class BootEntries {
    static final int MAX_ENTRY_BYTES = 64 * 1024;
    static final int MAX_FILES = 1024;

    private final DurableFolder esp;

    public BootEntries(DurableFolder esp) {
        this.esp = esp;
    }

    /**
     * What is on the ESP.
     *
     * @param own Flipside's entries, bad ones included
     * @param foreign the entries that somebody else put into {@code /loader/entries}
     * @param foreignImages the UKIs in {@code /EFI/Linux}, which the loader lists by itself
     */
    public record Listing(
            List<BootEntry> own, List<BootEntry> foreign, List<String> foreignImages) {

        /** All that is in {@code /loader/entries}. */
        public List<BootEntry> all() {
            List<BootEntry> all = new ArrayList<>(own);
            all.addAll(foreign);
            return all;
        }
    }

    /**
     * Reads all entries.
     *
     * @throws FlipsideException {@code esp-malformed} when there are more, or larger ones, than a
     *     host can have
     */
    public Listing list() throws IOException, FlipsideException {
        List<BootEntry> own = new ArrayList<>();
        List<BootEntry> foreign = new ArrayList<>();
        for (String name : bounded(EspLayout.ENTRIES)) {
            if (EntryName.isEntry(name)) {
                BootEntry entry = read(name);
                (entry.sequence().isPresent() ? own : foreign).add(entry);
            }
        }
        List<String> images =
                bounded(EspLayout.TYPE_2_IMAGES).stream()
                        .filter(EspLayout::isTypeTwoImage)
                        .map(name -> EspLayout.TYPE_2_IMAGES + "/" + name)
                        .toList();
        return new Listing(List.copyOf(own), List.copyOf(foreign), images);
    }

    /**
     * The sequence for the next activation: one more than the highest, bad entries included.
     *
     * @throws FlipsideException {@code esp-malformed} when that has more than ten digits
     */
    public long nextSequence() throws IOException, FlipsideException {
        OptionalLong highest =
                list().own().stream().mapToLong(entry -> entry.sequence().orElseThrow()).max();
        long next = highest.orElse(0) + 1;
        if (next > BootEntry.MAX_SEQUENCE) {
            throw malformed("a sequence below " + BootEntry.MAX_SEQUENCE, "it");
        }
        return next;
    }

    /** Creates an entry of Flipside's own: this is the flip. */
    public void add(BootEntry entry) throws IOException {
        esp.replace(path(entry), DurableFolder.Content.of(entry.content()));
    }

    public void remove(BootEntry entry) throws IOException {
        checkOwn(entry);
        esp.remove(path(entry));
    }

    /** Drops the counter, as systemd-bless-boot does after a good boot. */
    public BootEntry markGood(BootEntry entry) throws IOException {
        return renamed(entry, Optional.empty());
    }

    /** Takes all tries away, as systemd-bless-boot does after a bad boot. */
    public BootEntry markBad(BootEntry entry) throws IOException {
        return renamed(
                entry,
                Optional.of(entry.counter().map(BootCounter::bad).orElse(new BootCounter(0, 0))));
    }

    /**
     * Takes one try away, as the loader does before it starts the entry; none where none counts.
     */
    public BootEntry countDown(BootEntry entry) throws IOException {
        return entry.counter().isEmpty()
                ? entry
                : renamed(entry, entry.counter().map(BootCounter::countedDown));
    }

    private BootEntry renamed(BootEntry entry, Optional<BootCounter> counter) throws IOException {
        checkOwn(entry);
        BootEntry result = entry.with(counter);
        if (!result.fileName().equals(entry.fileName())) {
            esp.rename(path(entry), path(result));
        }
        return result;
    }

    private BootEntry read(String name) throws IOException, FlipsideException {
        String path = EspLayout.ENTRIES + "/" + name;
        if (esp.sizeBytes(path).orElse(0L) > MAX_ENTRY_BYTES) {
            throw malformed("entries of at most %d bytes".formatted(MAX_ENTRY_BYTES), path);
        }
        return BootEntry.parse(name, esp.read(path, MAX_ENTRY_BYTES).orElse(new byte[0]));
    }

    private List<String> bounded(String folder) throws IOException, FlipsideException {
        List<String> names = esp.list(folder);
        if (names.size() > MAX_FILES) {
            throw malformed(
                    "at most %d files in '%s'".formatted(MAX_FILES, folder),
                    String.valueOf(names.size()));
        }
        return names;
    }

    private static String path(BootEntry entry) {
        return EspLayout.ENTRIES + "/" + entry.fileName();
    }

    private static void checkOwn(BootEntry entry) {
        if (entry.sequence().isEmpty()) {
            throw new IllegalArgumentException("'%s' is foreign".formatted(entry.fileName()));
        }
    }

    private static FlipsideException malformed(String expected, String found) {
        return new FlipsideException(
                FailureCode.ESP_MALFORMED,
                "boot entries",
                expected,
                found,
                "remove the entries that are not needed from the ESP");
    }
}
