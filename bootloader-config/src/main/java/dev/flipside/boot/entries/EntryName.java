package dev.flipside.boot.entries;

import java.util.Locale;
import java.util.Optional;

/**
 * The file name of an entry, taken apart as systemd-boot does it: {@code STEM[+LEFT[-DONE]].conf}.
 * A counter that is not one, as in {@code a+x.conf}, belongs to the stem.
 */
record EntryName(String stem, Optional<BootCounter> counter, String suffix) {
    static final String SUFFIX = ".conf";

    static EntryName parse(String fileName) {
        int dot = fileName.length() - SUFFIX.length();
        if (dot < 0 || !fileName.substring(dot).equalsIgnoreCase(SUFFIX)) {
            return new EntryName(fileName, Optional.empty(), "");
        }
        String name = fileName.substring(0, dot);
        String suffix = fileName.substring(dot);
        int plus = name.lastIndexOf('+');
        Optional<BootCounter> counter = plus < 0 ? Optional.empty() : counter(name, plus + 1);
        return new EntryName(counter.isPresent() ? name.substring(0, plus) : name, counter, suffix);
    }

    /** Whether the loader looks at a file of this name in {@code /loader/entries}. */
    static boolean isEntry(String fileName) {
        String lower = fileName.toLowerCase(Locale.ROOT);
        return lower.endsWith(SUFFIX) && !lower.startsWith(".") && !lower.startsWith("auto-");
    }

    EntryName with(Optional<BootCounter> newCounter) {
        return new EntryName(stem, newCounter, suffix);
    }

    String fileName() {
        return stem + counter.map(BootCounter::toString).orElse("") + suffix;
    }

    /** What the loader calls the entry: without its counter, and in lower case. */
    String id() {
        return (stem + suffix).toLowerCase(Locale.ROOT);
    }

    private static Optional<BootCounter> counter(String name, int start) {
        int dash = name.indexOf('-', start);
        Optional<Integer> left = number(name.substring(start, dash < 0 ? name.length() : dash));
        Optional<Integer> done = dash < 0 ? Optional.of(0) : number(name.substring(dash + 1));
        return left.isPresent() && done.isPresent()
                ? Optional.of(new BootCounter(left.get(), done.get()))
                : Optional.empty();
    }

    private static Optional<Integer> number(String digits) {
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            value = value * 10 + (digits.charAt(i) - '0');
            if (value > Integer.MAX_VALUE) {
                return Optional.empty();
            }
        }
        return Optional.of((int) value);
    }
}
