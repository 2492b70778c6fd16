package dev.flipside.integration.machine;

import dev.flipside.integration.ToolTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * UEFI firmware (OVMF) with the variables that a machine begins with.
 *
 * @param code flash that the machine reads
 * @param variables flash that each machine gets a copy of; with keys enrolled, Secure Boot is on
 */
public record Firmware(Path code, Path variables) {
    /** Debian's OVMF, without keys: Secure Boot is off, and in setup mode. */
    public static Firmware of(ToolTree tree) throws IOException {
        // Of Debian's builds this one checks signatures as well, and does not ask for SMM.
        return of(tree, "OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd");
    }

    private static Firmware of(ToolTree tree, String code, String variables) throws IOException {
        Path folder = tree.path().resolve("usr/share/OVMF");
        for (Path file : new Path[] {folder.resolve(code), folder.resolve(variables)}) {
            if (!Files.isReadable(file)) {
                throw new IOException(
                        "firmware: expected %s, found no such file; run integration-tests/tool-tree"
                                .formatted(file));
            }
        }
        return new Firmware(folder.resolve(code), folder.resolve(variables));
    }

    /** The same firmware with other variables to begin with. */
    public Firmware withVariables(Path file) {
        return new Firmware(code, file);
    }
}
