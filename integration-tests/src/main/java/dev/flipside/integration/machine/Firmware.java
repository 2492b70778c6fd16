package dev.flipside.integration.machine;

import dev.flipside.integration.MissingTool;
import dev.flipside.integration.ToolTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * UEFI firmware (OVMF) with the variables that a machine begins with.
 *
 * @param code flash that the machine reads
 * @param variables flash that each machine gets a copy of
 * @param smm it keeps its variables in system management mode, which the machine must then have
 */
public record Firmware(Path code, Path variables, boolean smm) {
    /** Debian's OVMF that knows no Secure Boot, and needs no SMM, which TCG is slow at. */
    public static Firmware of(ToolTree tree) throws IOException {
        return of(tree, "OVMF_CODE_4M.fd", false);
    }

    /** Debian's OVMF with Secure Boot, in setup mode: it takes the keys that it is given first. */
    public static Firmware withSecureBoot(ToolTree tree) throws IOException {
        return of(tree, "OVMF_CODE_4M.secboot.fd", true);
    }

    private static Firmware of(ToolTree tree, String code, boolean smm) throws IOException {
        Path folder = tree.path().resolve("usr/share/OVMF");
        Path variables = folder.resolve("OVMF_VARS_4M.fd");
        for (Path file : new Path[] {folder.resolve(code), variables}) {
            if (!Files.isReadable(file)) {
                throw new MissingTool("firmware", "it at " + file);
            }
        }
        return new Firmware(folder.resolve(code), variables, smm);
    }

    /** The same firmware with other variables to begin with. */
    public Firmware withVariables(Path file) {
        return new Firmware(code, file, smm);
    }
}
