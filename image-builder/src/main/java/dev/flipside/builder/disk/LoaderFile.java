package dev.flipside.builder.disk;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.uki.EfiImage;
import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * systemd-boot: from the image of the release, the distribution's signed one first, or as given.
 */
final class LoaderFile {
    private static final int MAX_BYTES = 16 << 20;
    private static final String USR = "/usr";

    private LoaderFile() {}

    static byte[] read(ReleaseFolder release, Optional<Path> given)
            throws IOException, FlipsideException {
        byte[] loader = given.isPresent() ? readFile(given.get()) : readImage(release);
        Architecture expected = release.manifest().architecture();
        Architecture found = EfiImage.architecture(RandomAccess.of(loader), "loader");
        if (found != expected) {
            throw new FlipsideException(
                    FailureCode.UKI_MALFORMED,
                    "loader",
                    "systemd-boot for " + expected.code(),
                    "an image for " + found.code(),
                    "give another file with --loader");
        }
        return loader;
    }

    private static byte[] readFile(Path path) throws IOException, FlipsideException {
        if (!Files.isRegularFile(path) || Files.size(path) > MAX_BYTES) {
            throw missing(
                    "loader '%s'".formatted(path),
                    "a file of at most %d bytes".formatted(MAX_BYTES));
        }
        return Files.readAllBytes(path);
    }

    private static byte[] readImage(ReleaseFolder release) throws IOException, FlipsideException {
        Artifact image = release.artifact(Artifact.Role.IMAGE);
        try (FileChannel channel = release.open(image)) {
            ErofsReader reader = ErofsReader.open(RandomAccess.of(channel));
            for (String path : paths(release.manifest())) {
                Optional<ErofsInode> loader = reader.find(path);
                if (loader.isPresent() && loader.get().type() == ErofsInode.Type.REGULAR_FILE) {
                    return reader.readAll(loader.get(), MAX_BYTES);
                }
            }
        }
        throw missing("loader in " + image.name(), paths(release.manifest()).getLast());
    }

    private static List<String> paths(ReleaseManifest manifest) {
        String path = EspLayout.loaderInRoot(manifest.architecture());
        String inImage =
                switch (manifest.verity().usage()) {
                    case ROOT -> path;
                    case USR -> path.substring(USR.length());
                };
        return List.of(inImage + ".signed", inImage);
    }

    private static FlipsideException missing(String what, String expected) {
        return new FlipsideException(
                FailureCode.INPUT_MISSING,
                what,
                expected,
                "no such file",
                "install systemd-boot-efi in the root file system, or give --loader");
    }
}
