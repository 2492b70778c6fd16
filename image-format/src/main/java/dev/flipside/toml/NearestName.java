package dev.flipside.toml;

import java.util.Comparator;
import java.util.List;

/** Finds what a misspelt name was meant to be. */
public final class NearestName {
    private NearestName() {}

    /**
     * The known name that begins with this one, or else the one with the fewest insertions,
     * deletions and substitutions (Levenshtein).
     */
    public static String of(String name, List<String> known) {
        return known.stream()
                .min(
                        Comparator.comparingInt(
                                candidate ->
                                        candidate.startsWith(name) ? 0 : distance(name, candidate)))
                .orElseThrow(() -> new IllegalArgumentException("no known names"));
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
