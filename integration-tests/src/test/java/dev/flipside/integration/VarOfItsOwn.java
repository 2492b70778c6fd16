package dev.flipside.integration;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A host's {@code /var} on a file system of its own, which can be full or read-only; needs root.
 */
final class VarOfItsOwn implements AutoCloseable {
    private static final String SIZE = "size=16m";
    private static final int PIECE_BYTES = 4096;

    private final Path var;
    private final Path ballast;

    /** Moves what the host has in its {@code /var}. */
    VarOfItsOwn(Workbench.Host host) throws IOException {
        var = host.folder().resolve("var");
        ballast = var.resolve("ballast");
        Path before = host.folder().resolve("var-before");
        Files.move(var, before);
        Files.createDirectory(var);
        Tools.find("mount").check("-t", "tmpfs", "-o", SIZE, "tmpfs", var);
        Tools.find("cp").check("-a", before + "/.", var);
    }

    /** Leaves no room for another byte. */
    void fill() throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (Files.getFileStore(var).getUsableSpace() > 0) {
                out.write(piece);
            }
        }
    }

    void makeRoom() throws IOException {
        Files.delete(ballast);
    }

    void makeReadOnly(boolean readOnly) {
        Tools.find("mount").check("-o", "remount," + (readOnly ? "ro" : "rw"), var);
    }

    @Override
    public void close() {
        Tools.find("umount").check(var);
    }
}
