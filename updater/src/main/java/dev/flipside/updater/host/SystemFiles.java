package dev.flipside.updater.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what kernel and firmware say, under {@code /} or under the folder that stands for it. */
final class SystemFiles {
    private static final int MAX_BYTES = 1 << 20;
    private static final int PIECE_BYTES = 4096;

    private final Path root;

    SystemFiles(Path root) {
        this.root = root;
    }

    /**
     * The bytes of a file, whose size {@code proc} and {@code sys} do not tell. Not by a stream:
     * its bulk reads ask for the position, which {@code efivarfs} refuses (ESPIPE).
     */
    Optional<byte[]> read(String path) throws IOException {
        try (ReadableByteChannel in = Files.newByteChannel(root.resolve(path))) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            while (in.read(piece) >= 0) {
                bytes.write(piece.array(), 0, piece.position());
                piece.clear();
                if (bytes.size() > MAX_BYTES) {
                    throw new IOException("/%s has more than %d bytes".formatted(path, MAX_BYTES));
                }
            }
            return Optional.of(bytes.toByteArray());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    boolean isFolder(String path) {
        return Files.isDirectory(root.resolve(path));
    }

    List<String> list(String path) throws IOException {
        if (!isFolder(path)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(root.resolve(path))) {
            return children.map(child -> String.valueOf(child.getFileName())).sorted().toList();
        }
    }

    /** The name of the folder above, once links are followed: the disk of a partition. */
    String nameOfParent(String path) throws IOException {
        Path parent = root.resolve(path).toRealPath().getParent();
        return parent == null ? "" : String.valueOf(parent.getFileName());
    }
}
