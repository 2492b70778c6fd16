package dev.flipside.boot.entries;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The loader's own configuration, {@code /loader/loader.conf} (systemd's loader.conf(5)).
 *
 * @param defaultEntry the entry that it names as default. The loader starts that one even when it
 *     is bad, so that a disk with a default cannot fall back
 */
public record LoaderConf(Optional<String> defaultEntry) {

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
        return new LoaderConf(
                ConfLines.parse(content).stream()
                        .filter(line -> line.key().equals("default"))
                        .map(ConfLines.Line::value)
                        .reduce((first, second) -> second));
    }
}
