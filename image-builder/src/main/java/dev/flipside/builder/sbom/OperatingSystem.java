package dev.flipside.builder.sbom;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which distribution an image is of, by its os-release(5).
 *
 * @param id as {@code debian}; {@code linux}, as that page has it, when there is none
 * @param version as {@code 13}, or a code name
 */
record OperatingSystem(String id, Optional<String> version) {
    private static final List<String> PATHS = List.of("/usr/lib/os-release", "/etc/os-release");
    private static final int MAX_BYTES = 1 << 16;

    static OperatingSystem of(ImageFiles files) throws IOException, FlipsideException {
        for (String path : PATHS) {
            Optional<ErofsInode> file = files.file(path);
            if (file.isPresent() && file.get().sizeBytes() <= MAX_BYTES) {
                return parse(
                        new String(files.bytes(file.get(), MAX_BYTES), StandardCharsets.UTF_8));
            }
        }
        return parse("");
    }

    static OperatingSystem parse(String text) {
        return new OperatingSystem(
                value(text, "ID", "[a-z0-9._-]+").orElse("linux"),
                value(text, "VERSION_ID", "[A-Za-z0-9._-]+")
                        .or(() -> value(text, "VERSION_CODENAME", "[A-Za-z0-9._-]+")));
    }

    /** The qualifier {@code distro} of package URLs. */
    String distribution() {
        return version.map(number -> id + "-" + number).orElse(id);
    }

    private static Optional<String> value(String text, String key, String allowed) {
        Matcher line =
                Pattern.compile(
                                "^" + key + "=([\"']?)(" + allowed + ")\\1[ \\t]*$",
                                Pattern.MULTILINE)
                        .matcher(text);
        return line.find() ? Optional.of(line.group(2)) : Optional.empty();
    }
}
