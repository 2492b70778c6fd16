package dev.flipside.boot.entries;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A boot entry: one file in {@code /loader/entries} (Boot Loader Specification, type #1).
 *
 * @param fileName with the counter, if there is one
 * @param imageKey how the entry names what it starts; empty when the loader cannot start it
 * @param imagePath what the entry starts, relative to the ESP and separated by {@code /}; empty
 *     when the loader cannot start it
 */
public record BootEntry(
        String fileName,
        Optional<String> title,
        Optional<String> sortKey,
        Optional<String> version,
        Optional<String> machineId,
        Optional<String> architecture,
        Optional<ImageKey> imageKey,
        Optional<String> imagePath) {

    /** The sort key of Flipside's own entries. */
    public static final String SORT_KEY = "flipside";

    /** The highest sequence that has ten digits. */
    public static final long MAX_SEQUENCE = 9_999_999_999L;

    private static final Pattern OWN_STEM = Pattern.compile("flipside-([0-9]{10})");

    /** The keys that name an image. */
    public enum ImageKey {
        /** Any EFI program. Loaders up to 257 count its tries; 259 to 262 do not. */
        EFI("efi"),
        /** A kernel that is an EFI program, as a UKI is one. 252, 257 and 262 count its tries. */
        LINUX("linux"),
        /** A UKI. Loaders before 258 do not know the key, and pass over the entry. */
        UKI("uki");

        private final String key;

        ImageKey(String key) {
            this.key = key;
        }

        private static Optional<ImageKey> of(String key) {
            return Arrays.stream(values()).filter(it -> it.key.equals(key)).findFirst();
        }
    }

    /** Whether the loader takes a file of this name in {@code /loader/entries} for an entry. */
    public static boolean isEntryFile(String fileName) {
        return EntryName.isEntry(fileName);
    }

    /** The entry that a file holds; any bytes are an entry, though maybe one that cannot start. */
    public static BootEntry parse(String fileName, byte[] content) {
        List<ConfLines.Line> lines = ConfLines.parse(content);
        Map<String, String> last = new HashMap<>();
        for (ConfLines.Line line : lines) {
            last.put(line.key(), line.value());
        }
        Optional<ImageKey> imageKey = imageKey(lines);
        Optional<String> imagePath = imageKey.flatMap(it -> path(last.get(it.key)));
        return new BootEntry(
                fileName,
                Optional.ofNullable(last.get("title")),
                Optional.ofNullable(last.get("sort-key")),
                Optional.ofNullable(last.get("version")),
                Optional.ofNullable(last.get("machine-id")),
                Optional.ofNullable(last.get("architecture")),
                imagePath.isPresent() ? imageKey : Optional.empty(),
                imagePath);
    }

    /**
     * An entry of Flipside's own, which starts a UKI. It names it as a kernel, by the key that old
     * loaders know and new ones count.
     *
     * @param sequence from 1 to {@link #MAX_SEQUENCE}: of all entries that are not bad, the loader
     *     starts the one with the highest
     * @param title what a person sees in the loader's menu: one line
     */
    public static BootEntry flipside(
            long sequence, Optional<BootCounter> counter, String title, String ukiPath) {
        if (sequence < 1 || sequence > MAX_SEQUENCE) {
            throw new IllegalArgumentException("sequence %d".formatted(sequence));
        }
        String digits = "%010d".formatted(sequence);
        BootEntry entry =
                new BootEntry(
                        new EntryName("flipside-" + digits, counter, EntryName.SUFFIX).fileName(),
                        Optional.of(title),
                        Optional.of(SORT_KEY),
                        Optional.of(digits),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(ImageKey.LINUX),
                        Optional.of(ukiPath));
        if (!parse(entry.fileName(), entry.content()).equals(entry)) {
            throw new IllegalArgumentException("title '%s', UKI '%s'".formatted(title, ukiPath));
        }
        return entry;
    }

    /** The text of the file, for an entry made by {@link #flipside}. */
    public byte[] content() {
        if (sequence().isEmpty()) {
            throw new IllegalStateException("'%s' is not an own entry".formatted(fileName));
        }
        return "title %s\nsort-key %s\nversion %s\n%s /%s\n"
                .formatted(
                        title.orElseThrow(),
                        sortKey.orElseThrow(),
                        version.orElseThrow(),
                        imageKey.orElseThrow().key,
                        imagePath.orElseThrow())
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The sequence of one of Flipside's own entries, empty for a foreign one. */
    public OptionalLong sequence() {
        EntryName name = EntryName.parse(fileName);
        Matcher own = OWN_STEM.matcher(name.stem());
        return own.matches() && name.suffix().equals(EntryName.SUFFIX)
                ? OptionalLong.of(Long.parseLong(own.group(1)))
                : OptionalLong.empty();
    }

    public Optional<BootCounter> counter() {
        return EntryName.parse(fileName).counter();
    }

    /** Whether the loader has given up on the entry. */
    public boolean isBad() {
        return counter().map(BootCounter::isBad).orElse(false);
    }

    /**
     * Whether the entry was found good: it has no counter. Not so while it waits for, or is in, a
     * trial.
     */
    public boolean isGood() {
        return counter().isEmpty();
    }

    /** What the loader calls the entry: the file name without counter, in lower case. */
    public String id() {
        return EntryName.parse(fileName).id();
    }

    /** The same entry under the name that it has with another counter, or with none. */
    public BootEntry with(Optional<BootCounter> counter) {
        return new BootEntry(
                EntryName.parse(fileName).with(counter).fileName(),
                title,
                sortKey,
                version,
                machineId,
                architecture,
                imageKey,
                imagePath);
    }

    // An entry with two kinds of image is refused by newer loaders, and older ones take the last.
    private static Optional<ImageKey> imageKey(List<ConfLines.Line> lines) {
        List<ImageKey> keys =
                lines.stream().flatMap(it -> ImageKey.of(it.key()).stream()).distinct().toList();
        return keys.size() == 1 ? Optional.of(keys.getFirst()) : Optional.empty();
    }

    private static Optional<String> path(String value) {
        List<String> parts =
                Arrays.stream(value.split("[/\\\\]")).filter(part -> !part.isEmpty()).toList();
        return parts.isEmpty() || parts.contains("..") || parts.contains(".")
                ? Optional.empty()
                : Optional.of(String.join("/", parts));
    }
}
