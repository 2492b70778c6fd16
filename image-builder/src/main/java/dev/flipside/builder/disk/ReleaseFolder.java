package dev.flipside.builder.disk;

import dev.flipside.boot.uki.KernelCommandLine;
import dev.flipside.boot.uki.Uki;
import dev.flipside.builder.release.ReleaseBuild;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A release on this machine: its manifest, and the files that the manifest pins. */
public record ReleaseFolder(Path folder, ReleaseManifest manifest) {

    /** Opens a release; only the manifest is read. */
    public static ReleaseFolder open(Path folder) throws IOException, FlipsideException {
        Path manifest = folder.resolve(ReleaseBuild.MANIFEST_FILE);
        if (!Files.isRegularFile(manifest)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "release '%s'".formatted(folder),
                    "a folder with a release.json",
                    Files.isDirectory(folder) ? "a folder without" : "no such folder",
                    "give the folder that 'flipside-image build' wrote");
        }
        if (Files.size(manifest) > ReleaseManifestJson.MAX_SIZE_BYTES) {
            throw mismatch(
                    manifest,
                    "at most %d bytes".formatted(ReleaseManifestJson.MAX_SIZE_BYTES),
                    "%d bytes".formatted(Files.size(manifest)));
        }
        return new ReleaseFolder(folder, ReleaseManifestJson.parse(Files.readAllBytes(manifest)));
    }

    /** An artifact that a release must have. */
    public Artifact artifact(Artifact.Role role) throws FlipsideException {
        return manifest.artifact(role)
                .orElseThrow(
                        () ->
                                new FlipsideException(
                                        FailureCode.MANIFEST_MALFORMED,
                                        "release '%s'".formatted(folder),
                                        "an artifact '%s'".formatted(role.code()),
                                        "none",
                                        "build the release again"));
    }

    /** Opens the file of an artifact, which must have the size that the manifest says. */
    public FileChannel open(Artifact artifact) throws IOException, FlipsideException {
        Path path = folder.resolve(artifact.name());
        try {
            FileChannel channel = FileChannel.open(path);
            if (channel.size() != artifact.sizeBytes()) {
                long found = channel.size();
                channel.close();
                throw mismatch(
                        path,
                        "%d bytes".formatted(artifact.sizeBytes()),
                        "%d bytes".formatted(found));
            }
            return channel;
        } catch (NoSuchFileException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.INPUT_MISSING,
                            path.toString(),
                            "the file that release.json names",
                            "nothing there",
                            "build the release again"),
                    e);
        }
    }

    /** A UKI that opens another image would make a disk that cannot boot. */
    void checkUki() throws IOException, FlipsideException {
        Artifact uki = artifact(Artifact.Role.UKI);
        CheckedCopy.check(this, uki);
        String key =
                switch (manifest.verity().usage()) {
                    case ROOT -> "roothash";
                    case USR -> "usrhash";
                };
        try (FileChannel content = open(uki)) {
            KernelCommandLine line = Uki.read(RandomAccess.of(content)).commandLine();
            String found = line.value(key).orElse("none");
            if (!found.equals(manifest.verity().rootHash())) {
                throw new FlipsideException(
                        FailureCode.UKI_MALFORMED,
                        uki.name(),
                        "%s=%s on the command line".formatted(key, manifest.verity().rootHash()),
                        found,
                        "build the release again");
            }
        }
    }

    public static FlipsideException mismatch(Path path, String expected, String found) {
        return new FlipsideException(
                FailureCode.DIGEST_MISMATCH,
                path.toString(),
                expected,
                found,
                "build or fetch the release again");
    }
}
