package dev.flipside.boot.entries;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The loader's own configuration, {@code /loader/loader.conf} (systemd's loader.conf(5)).
 *
 * @param defaultEntry the entry that it names as default. The loader starts that one even when it
 *     is bad, so that a disk with a default cannot fall back
 * @param preferredEntry the entry that it names as preferred (260 and later). The loader starts
 *     that one before any newer one until it is bad, so that an update would not be booted
 */
public record LoaderConf(Optional<String> defaultEntry, Optional<String> preferredEntry) {

    /** What {@code disk} writes: no menu, nothing to type, and no default. */
    public static byte[] content() {
        return """
        # No "default" here: the loader would start it even after all of its tries have failed.
        timeout 0
        editor no
        auto-entries no
        """
                .getBytes(StandardCharsets.UTF_8);
    }

    public static LoaderConf parse(byte[] content) {
        List<ConfLines.Line> lines = ConfLines.parse(content);
        return new LoaderConf(last(lines, "default"), last(lines, "preferred"));
    }

    /** The entry that it has the loader start whichever is the newest, if there is one. */
    public Optional<String> namedEntry() {
        return preferredEntry.or(() -> defaultEntry);
    }

    private static Optional<String> last(List<ConfLines.Line> lines, String key) {
        return lines.stream()
                .filter(line -> line.key().equals(key))
                .map(ConfLines.Line::value)
                .reduce((first, second) -> second);
    }
}
