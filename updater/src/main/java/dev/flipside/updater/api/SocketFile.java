package dev.flipside.updater.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Objects;
import java.util.Optional;

/**
 * The file of a Unix socket. It is made in a folder that only its owner enters, gets its group and
 * mode there, and only then its name: at no moment may anyone connect who should not.
 */
final class SocketFile implements AutoCloseable {
    private static final String PRIVATE = ".new-";

    private final Path path;
    private final Path folder;

    private SocketFile(Path path, Path folder) {
        this.path = path;
        this.folder = folder;
    }

    static SocketFile in(Path path) throws IOException {
        Path parent = Objects.requireNonNull(path.toAbsolutePath().getParent());
        Files.createDirectories(parent);
        // Random names would start the JDK's security providers, in each boot.
        Path folder =
                parent.resolve(
                        PRIVATE
                                + ProcessHandle.current().pid()
                                + "-"
                                + Long.toHexString(System.nanoTime()));
        Files.createDirectory(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new SocketFile(path, folder);
    }

    /** Where to bind. */
    Path bindPath() {
        return folder.resolve("s");
    }

    /**
     * Gives the socket its name, in place of one that a daemon before has left.
     *
     * @param readers the group that may connect beside the owner
     * @return whether there is such a group
     */
    boolean publish(String readers) throws IOException {
        Optional<GroupPrincipal> group = group(readers);
        PosixFileAttributeView view =
                Files.getFileAttributeView(bindPath(), PosixFileAttributeView.class);
        if (group.isPresent()) {
            view.setGroup(group.get());
        }
        view.setPermissions(
                PosixFilePermissions.fromString(group.isPresent() ? "rw-rw----" : "rw-------"));
        Files.move(bindPath(), path, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(folder);
        return group.isPresent();
    }

    private Optional<GroupPrincipal> group(String name) throws IOException {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    folder.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByGroupName(name));
        } catch (UserPrincipalNotFoundException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(bindPath());
        Files.deleteIfExists(folder);
    }
}
