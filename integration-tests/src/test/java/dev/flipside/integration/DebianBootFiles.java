package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The stub and the loader of the Debian root file system. */
final class DebianBootFiles {
    static final String STUB = "linuxx64.efi.stub";
    static final String LOADER = "systemd-bootx64.efi";

    private static final String PLACE = "./usr/lib/systemd/boot/efi/";

    private DebianBootFiles() {}

    /** Puts both into a folder. */
    static void take(Path folder) throws IOException {
        Set<String> missing = new TreeSet<>(Set.of(STUB, LOADER));
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(
                        Files.newInputStream(Tools.cachePath().resolve("roots/base.tar")))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null && !missing.isEmpty();
                    entry = tar.getNextEntry()) {
                String name = entry.getName();
                if (name.startsWith(PLACE) && missing.remove(name.substring(PLACE.length()))) {
                    Files.copy(tar, folder.resolve(name.substring(PLACE.length())));
                }
            }
        }
        assertTrue(missing.isEmpty(), "not in the root: " + missing);
    }
}
