package dev.flipside.builder.inspect;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a path on the command line is. */
public enum Subject {
    RELEASE,
    DISK,
    UKI;

    /**
     * Looks at a path: a folder is a release, a file that starts as a program is a UKI, and any
     * other file is a disk.
     *
     * @throws FlipsideException {@code input-missing} when there is nothing
     */
    public static Subject of(Path path) throws IOException, FlipsideException {
        if (Files.isDirectory(path)) {
            return RELEASE;
        }
        if (!Files.exists(path)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "'%s'".formatted(path),
                    "a release folder, a disk or a UKI",
                    "nothing there",
                    "check the path");
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] start = in.readNBytes(2);
            return start.length == 2 && start[0] == 'M' && start[1] == 'Z' ? UKI : DISK;
        }
    }
}
