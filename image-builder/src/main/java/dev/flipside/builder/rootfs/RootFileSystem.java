package dev.flipside.builder.rootfs;

import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.oci.ImageFiles;
import dev.flipside.builder.oci.LayeredImage;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * The root file system that an image is built from, read in two passes: its metadata first, its
 * file contents later and in whatever order they come.
 */
public interface RootFileSystem {
    /** Reads the metadata of what {@link #open(Path, ImageChoice, Consumer)} takes. */
    static RootFileSystem open(Path path) throws IOException, FlipsideException {
        return open(path, ImageChoice.any(), _ -> {});
    }

    /**
     * Reads the metadata of a directory, a tar archive (plain, or in gzip, xz or zstd), an OCI
     * image layout (a folder, or a tar of it) or a {@code docker save} archive, told by what is in
     * them.
     *
     * @param choice among several container images
     * @param notices gets what the input says and an image cannot hold
     */
    static RootFileSystem open(Path path, ImageChoice choice, Consumer<InputNotice> notices)
            throws IOException, FlipsideException {
        if (Files.isDirectory(path)) {
            FolderFiles files = new FolderFiles(path);
            if (LayeredImage.isIn(files)) {
                return openImage(files, choice, notices);
            }
            requireNoChoice(path, choice);
            return new DirectoryRootFileSystem(path);
        }
        if (!Files.isRegularFile(path)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "root file system '" + path + "'",
                    "a directory, a tar archive or a container image",
                    Files.exists(path) ? "neither" : "nothing there",
                    "check the path");
        }
        TarRootFileSystem archive = new TarRootFileSystem(path);
        ArchiveFiles files = new ArchiveFiles(path.toString(), archive);
        if (LayeredImage.isIn(files)) {
            return openImage(files, choice, notices);
        }
        requireNoChoice(path, choice);
        archive.report(notices);
        return archive;
    }

    private static RootFileSystem openImage(
            ImageFiles files, ImageChoice choice, Consumer<InputNotice> notices)
            throws IOException, FlipsideException {
        LayeredRootFileSystem image =
                new LayeredRootFileSystem(files, LayeredImage.resolve(files, choice));
        image.report(notices);
        return image;
    }

    private static void requireNoChoice(Path path, ImageChoice choice) throws FlipsideException {
        if (!choice.isAny()) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "--image and --platform with '" + path + "'",
                    "an OCI image layout or a docker archive",
                    "a root file system",
                    "leave them out");
        }
    }

    FileTree tree();

    /**
     * The newest modification time in it: what the image takes as its build time, as a clock would
     * make each build another image.
     */
    Instant newestChange();

    /** Hands each regular file that is not empty to the sink, once. */
    void forEachContent(ContentSink sink) throws IOException, FlipsideException;

    /** Takes the contents of files. */
    @FunctionalInterface
    interface ContentSink {
        /** {@code bytes} ends after exactly as many bytes as the file is long. */
        void accept(Inode file, InputStream bytes) throws IOException, FlipsideException;
    }
}
