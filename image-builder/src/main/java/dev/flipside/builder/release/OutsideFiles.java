package dev.flipside.builder.release;

import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Boot files that an image of {@code /usr} has no room for, as a kernel in {@code /boot}: copied
 * out of the root file system, and there until the release is built.
 */
final class OutsideFiles implements AutoCloseable {
    private static final String PREFIX = ".boot-file-";

    private final Path folder;
    private final Predicate<Inode> inImage;
    private final Map<Inode, Path> copies = new HashMap<>();

    OutsideFiles(Path folder, Predicate<Inode> inImage) {
        this.folder = folder;
        this.inImage = inImage;
    }

    /** The same files, those outside of the image as copies. */
    BootFiles copied(RootFileSystem whole, BootFiles boot) throws IOException, FlipsideException {
        List<BootFile> initrds = boot.initrds().stream().map(this::copied).toList();
        BootFiles copied =
                new BootFiles(
                        copied(boot.kernel()),
                        boot.kernelVersion(),
                        initrds,
                        copied(boot.stub()),
                        copied(boot.osRelease()));
        if (!copies.isEmpty()) {
            whole.forEachContent(
                    (file, bytes) -> {
                        if (copies.containsKey(file)) {
                            Files.copy(bytes, copies.get(file));
                        }
                    });
        }
        return copied;
    }

    private BootFile copied(BootFile file) {
        if (!(file instanceof BootFile.InRoot inRoot) || inImage.test(inRoot.inode())) {
            return file;
        }
        return new BootFile.Given(
                copies.computeIfAbsent(
                        inRoot.inode(), _ -> folder.resolve(PREFIX + copies.size())));
    }

    @Override
    public void close() throws IOException {
        for (Path copy : copies.values()) {
            Files.deleteIfExists(copy);
        }
    }
}
