package dev.flipside.updater.wiring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file by which Debian's packages ask for a reboot, and for which kured looks before it drains
 * a node and restarts it. It is below {@code /run}, and so gone after the reboot.
 */
final class RebootSentinel {
    private static final String TEXT = "flipside: a release waits for its first boot\n";

    private final Path file;
    private final Path mark;

    /**
     * @param file of which others may have written the content
     */
    RebootSentinel(Path file) {
        this.file = file;
        this.mark = Path.of(file + ".flipside");
    }

    /** Creates the file, or removes it if it was created here. */
    void announce(boolean wanted) throws IOException {
        if (wanted && !Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(mark, "");
            Files.writeString(file, TEXT);
        }
        if (!wanted && Files.deleteIfExists(mark)) {
            Files.deleteIfExists(file);
        }
    }
}
