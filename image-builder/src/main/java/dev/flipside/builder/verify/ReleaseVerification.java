package dev.flipside.builder.verify;

import dev.flipside.builder.disk.CheckedCopy;
import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.inspect.ReleaseFacts;
import dev.flipside.builder.release.BuildProgress;
import dev.flipside.builder.release.OpenFiles;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Checks all that a release consists of, and how its parts belong together.
 *
 * <p>Invariant: memory does not grow with the image but for a bit a block, and a few bytes for each
 * directory.
 */
public final class ReleaseVerification {
    private final ReleaseFolder release;
    private final ReleaseManifest manifest;
    private final VerityParameters parameters;
    private final byte[] rootHash;
    private final TrustedCertificates certificates;
    private final BuildProgress progress;
    private final Checks checks;

    private ReleaseVerification(
            ReleaseFolder release,
            TrustedCertificates certificates,
            BuildProgress progress,
            Checks checks) {
        this.release = release;
        this.certificates = certificates;
        this.manifest = release.manifest();
        this.parameters = ReleaseFacts.parameters(manifest);
        this.rootHash = manifest.verity().rootHashBytes();
        this.progress = progress;
        this.checks = checks;
    }

    /**
     * Makes every check, whatever the others find.
     *
     * @param told of each check when it is done
     * @return the first failure, if there was one
     */
    public static Optional<Failure> run(
            ReleaseFolder release,
            TrustedCertificates certificates,
            BuildProgress progress,
            Consumer<Check> told)
            throws IOException, FlipsideException {
        Checks checks = new Checks(told);
        new ReleaseVerification(release, certificates, progress, checks).run();
        return checks.firstFailure();
    }

    private void run() throws IOException, FlipsideException {
        boolean readable = true;
        for (Artifact artifact : manifest.artifacts()) {
            readable &= checks.check(artifact.name(), () -> digest(artifact)) || isWhole(artifact);
        }
        if (!readable) {
            checks.notChecked("contents", "files are missing or have another size");
            return;
        }
        try (OpenFiles open = new OpenFiles()) {
            contents(open);
        }
    }

    private String digest(Artifact artifact) throws IOException, FlipsideException {
        CheckedCopy.check(release, artifact);
        return "%d bytes, SHA-256 %s".formatted(artifact.sizeBytes(), artifact.sha256());
    }

    /** Whether there is something of the right size, of which more can be said. */
    private boolean isWhole(Artifact artifact) throws IOException {
        var path = release.folder().resolve(artifact.name());
        return Files.isRegularFile(path) && Files.size(path) == artifact.sizeBytes();
    }

    private void contents(OpenFiles open) throws IOException, FlipsideException {
        RandomAccess image = open(open, Artifact.Role.IMAGE);
        RandomAccess tree = open(open, Artifact.Role.TREE);
        RandomAccess pack = open(open, Artifact.Role.PACK);
        RandomAccess uki = open(open, Artifact.Role.UKI);
        Artifact ukiArtifact = release.artifact(Artifact.Role.UKI);
        checks.check("superblock of the hash tree", () -> superblock(tree));
        checks.check("hash tree", () -> tree(image, tree));
        checks.check("file system", () -> ImageChecks.erofs(image));
        checks.check("block pack", () -> pack(pack, tree));
        checks.check(
                "UKI",
                () -> UkiCheck.run(uki, manifest.architecture(), manifest.verity().rootHash()));
        if (!ukiArtifact.fromImage().isEmpty()) {
            checks.check("UKI's parts in the image", () -> UkiCheck.parts(uki, image, ukiArtifact));
        }
        SignatureChecks signatures = new SignatureChecks(certificates, checks);
        signatures.rootHash(
                "signature of the root hash", signature(open), manifest.verity().rootHash());
        signatures.efi("the UKI", uki);
        new DocumentChecks(release, checks).run();
    }

    private Optional<RandomAccess> signature(OpenFiles open) throws IOException, FlipsideException {
        return manifest.artifact(Artifact.Role.SIGNATURE).isEmpty()
                ? Optional.empty()
                : Optional.of(open(open, Artifact.Role.SIGNATURE));
    }

    private RandomAccess open(OpenFiles open, Artifact.Role role)
            throws IOException, FlipsideException {
        return open.open(release.folder().resolve(release.artifact(role).name()));
    }

    private String superblock(RandomAccess tree) throws IOException, FlipsideException {
        byte[] block = new byte[VerityParameters.BLOCK_SIZE_BYTES];
        tree.read(ByteBuffer.wrap(block), 0);
        VerityParameters found = VeritySuperblock.decode(block);
        if (!found.equals(parameters)) {
            throw new FlipsideException(
                    FailureCode.VERITY_MALFORMED,
                    "superblock of the hash tree",
                    parameters.toString(),
                    found.toString(),
                    "build the release again");
        }
        return "as the manifest says";
    }

    private String tree(RandomAccess image, RandomAccess tree)
            throws IOException, FlipsideException {
        try (BuildProgress.Step step = progress.begin("hash tree", parameters.dataBlocks())) {
            return ImageChecks.tree(image, tree, parameters, rootHash, step::advance);
        }
    }

    private String pack(RandomAccess pack, RandomAccess tree)
            throws IOException, FlipsideException {
        var index = release.folder().resolve(release.artifact(Artifact.Role.INDEX).name());
        try (BuildProgress.Step step = progress.begin("block pack", parameters.dataBlocks());
                InputStream in = Files.newInputStream(index)) {
            return PackCheck.run(in, pack, tree, parameters, rootHash, step::advance);
        }
    }
}
