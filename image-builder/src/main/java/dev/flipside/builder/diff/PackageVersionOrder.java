package dev.flipside.builder.diff;

import dev.flipside.release.Version;
import java.util.Comparator;
import java.util.SortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of package versions: by epoch, then as UAPI.10 compares, which agrees with dpkg and RPM
 * wherever releases of one package differ. It only chooses a word for a change.
 */
final class PackageVersionOrder {
    private static final Pattern EPOCH = Pattern.compile("([0-9]{1,9}):(.*)");
    private static final Comparator<String> ORDER =
            Comparator.comparingInt(PackageVersionOrder::epoch)
                    .thenComparing(PackageVersionOrder::withoutEpoch, Version.ORDER);

    private PackageVersionOrder() {}

    /** Greater than 0 when the newest of the first is newer than the newest of the second. */
    static int newest(SortedSet<String> left, SortedSet<String> right) {
        return ORDER.compare(
                left.stream().max(ORDER).orElseThrow(), right.stream().max(ORDER).orElseThrow());
    }

    private static int epoch(String version) {
        Matcher found = EPOCH.matcher(version);
        return found.matches() ? Integer.parseInt(found.group(1)) : 0;
    }

    private static String withoutEpoch(String version) {
        Matcher found = EPOCH.matcher(version);
        return found.matches() ? found.group(2) : version;
    }
}
