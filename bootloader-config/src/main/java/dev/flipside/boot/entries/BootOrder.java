package dev.flipside.boot.entries;

import dev.flipside.release.Architecture;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which entry systemd-boot starts when nobody touches it, no EFI variable names one, and {@code
 * loader.conf} has no {@code default}: the first in this order ({@code boot_entry_compare} in
 * systemd's boot.c):
 *
 * <ol>
 *   <li>entries with tries left before bad ones,
 *   <li>entries with a sort key before those without; then, with a sort key,
 *   <li>sort key ascending, machine id ascending, version descending,
 *   <li>id descending, as versions,
 *   <li>more tries left first, fewer tries done first, of two that count.
 * </ol>
 *
 * When all entries are bad, the first of them is started all the same.
 */
public final class BootOrder {
    private static final Comparator<Optional<String>> MISSING_FIRST =
            Comparator.comparing(
                    text -> text.orElse(null), Comparator.nullsFirst(String::compareTo));

    private static final Comparator<String> NEWEST_FIRST =
            (a, b) -> LoaderVersionOrder.compare(b, a);

    private static final Comparator<BootEntry> SORT_KEY_FIRST =
            Comparator.comparing(entry -> entry.sortKey().isEmpty());

    private static final Comparator<BootEntry> BY_KEY =
            Comparator.comparing(BootEntry::sortKey, MISSING_FIRST)
                    .thenComparing(BootEntry::machineId, MISSING_FIRST)
                    .thenComparing(entry -> entry.version().orElse(""), NEWEST_FIRST);

    private static final Comparator<BootEntry> ORDER =
            Comparator.comparing(BootEntry::isBad)
                    .thenComparing(SORT_KEY_FIRST)
                    .thenComparing((a, b) -> a.sortKey().isPresent() ? BY_KEY.compare(a, b) : 0)
                    .thenComparing(BootEntry::id, NEWEST_FIRST)
                    .thenComparing(BootOrder::byTries);

    private BootOrder() {}

    /** The entries as the loader's menu lists them. */
    public static List<BootEntry> sorted(List<BootEntry> entries) {
        return entries.stream().sorted(ORDER).toList();
    }

    /**
     * The entry that the loader starts; empty when it finds none.
     *
     * @param imageExists whether a file is on the ESP: the loader passes over entries whose image
     *     is not
     */
    public static Optional<BootEntry> pick(
            List<BootEntry> entries, Architecture architecture, Predicate<String> imageExists) {
        return entries.stream()
                .filter(entry -> isListed(entry, architecture, imageExists))
                .sorted(ORDER)
                .findFirst();
    }

    private static boolean isListed(
            BootEntry entry, Architecture architecture, Predicate<String> imageExists) {
        return EntryName.isEntry(entry.fileName())
                && entry.architecture()
                        .orElse(efiName(architecture))
                        .equalsIgnoreCase(efiName(architecture))
                && entry.imagePath().filter(imageExists).isPresent();
    }

    private static String efiName(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> "x64";
            case ARM64 -> "aa64";
        };
    }

    private static int byTries(BootEntry a, BootEntry b) {
        if (a.counter().isEmpty() || b.counter().isEmpty()) {
            return 0;
        }
        BootCounter left = a.counter().get();
        BootCounter right = b.counter().get();
        return left.left() == right.left()
                ? Integer.compare(left.done(), right.done())
                : Integer.compare(right.left(), left.left());
    }
}
