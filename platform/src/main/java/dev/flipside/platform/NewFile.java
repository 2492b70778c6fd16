package dev.flipside.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** A small file that must not be there yet: nothing is ever overwritten, as befits keys. */
public final class NewFile {
    /** Who may read it. */
    public enum Readers {
        /** The owner alone, from the very moment at which the file exists. */
        OWNER("rw-------"),
        EVERYONE("rw-r--r--");

        private final String permissions;

        Readers(String permissions) {
            this.permissions = permissions;
        }
    }

    private NewFile() {}

    /**
     * Writes a file durably; when that fails, nothing of it remains.
     *
     * @throws java.nio.file.FileAlreadyExistsException when there is one
     */
    public static void write(Path target, byte[] content, Readers readers) throws IOException {
        Set<StandardOpenOption> options =
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel =
                FileChannel.open(target, options, permissions(target, readers))) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            Files.deleteIfExists(target);
            throw e;
        }
        TemporaryFile.flushFolder(Objects.requireNonNull(target.toAbsolutePath().getParent()));
    }

    private static FileAttribute<?>[] permissions(Path target, Readers readers) {
        if (!target.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(readers.permissions);
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)};
    }
}
