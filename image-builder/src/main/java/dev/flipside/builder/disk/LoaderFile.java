package dev.flipside.builder.disk;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.uki.EfiImage;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.secureboot.EfiSignature;
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
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * systemd-boot: from the image of the release, or as given. The distribution's signed one comes
 * first, unless it is signed here.
 */
final class LoaderFile {
    private static final int MAX_BYTES = 16 << 20;
    private static final String USR = "/usr";

    private LoaderFile() {}

    /**
     * Reads the loader, and signs it if it is to be signed.
     *
     * @param signer empty to take it as it is
     */
    static byte[] read(
            ReleaseFolder release, Optional<Path> given, Optional<SigningIdentity> signer)
            throws IOException, FlipsideException {
        byte[] loader =
                given.isPresent() ? readFile(given.get()) : readImage(release, signer.isPresent());
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
        return signer.isPresent() ? signed(loader, signer.get()) : loader;
    }

    private static byte[] signed(byte[] loader, SigningIdentity signer)
            throws IOException, FlipsideException {
        Path file = Files.createTempFile("flipside-loader-", ".efi");
        try {
            Files.write(file, loader);
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                EfiSignature.sign(channel, signer, "loader");
            }
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }

    private static byte[] readFile(Path path) throws IOException, FlipsideException {
        if (!Files.isRegularFile(path) || Files.size(path) > MAX_BYTES) {
            throw missing(
                    "loader '%s'".formatted(path),
                    "a file of at most %d bytes".formatted(MAX_BYTES));
        }
        return Files.readAllBytes(path);
    }

    private static byte[] readImage(ReleaseFolder release, boolean toBeSigned)
            throws IOException, FlipsideException {
        Artifact image = release.artifact(Artifact.Role.IMAGE);
        try (FileChannel channel = release.open(image)) {
            ErofsReader reader = ErofsReader.open(RandomAccess.of(channel));
            for (String path : paths(release.manifest(), toBeSigned)) {
                Optional<ErofsInode> loader = reader.find(path);
                if (loader.isPresent() && loader.get().type() == ErofsInode.Type.REGULAR_FILE) {
                    return reader.readAll(loader.get(), MAX_BYTES);
                }
            }
        }
        throw missing("loader in " + image.name(), loaderPath(release.manifest()));
    }

    private static List<String> paths(ReleaseManifest manifest, boolean toBeSigned) {
        String unsigned = loaderPath(manifest);
        String signed = unsigned + ".signed";
        return toBeSigned ? List.of(unsigned, signed) : List.of(signed, unsigned);
    }

    private static String loaderPath(ReleaseManifest manifest) {
        String path = EspLayout.loaderInRoot(manifest.architecture());
        return switch (manifest.verity().usage()) {
            case ROOT -> path;
            case USR -> path.substring(USR.length());
        };
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
