package dev.flipside.integration;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the parts of a file-backed host are: a disk, an ESP, {@code /var} and the running system.
 */
record HostFolder(Path folder) {
    HostFolder {
        folder = folder.toAbsolutePath().normalize();
    }

    /** A host that was installed. */
    static HostFolder existing(Path folder) throws FlipsideException {
        HostFolder host = new HostFolder(folder);
        if (!Files.isRegularFile(host.configuration())) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "host '%s'".formatted(folder),
                    "a folder with flipside.toml",
                    "none",
                    "make it with 'simulated-host install'");
        }
        return host;
    }

    Path disk() {
        return folder.resolve("disk.raw");
    }

    Path esp() {
        return folder.resolve("esp");
    }

    Path var() {
        return folder.resolve("var");
    }

    Path state() {
        return var().resolve("lib/flipside");
    }

    SystemFolder system() {
        return new SystemFolder(folder.resolve("system"));
    }

    Path configuration() {
        return folder.resolve("flipside.toml");
    }
}
