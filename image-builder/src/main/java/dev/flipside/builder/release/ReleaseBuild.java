package dev.flipside.builder.release;

import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.provenance.Provenance.Input;
import dev.flipside.builder.rootfs.DigestedRootFileSystem;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.builder.sbom.Sbom;
import dev.flipside.builder.sbom.SbomSubject;
import dev.flipside.builder.shape.ShapedRootFileSystem;
import dev.flipside.builder.shape.UsrTree;
import dev.flipside.erofs.ErofsLayout;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.pack.BlockPack;
import dev.flipside.pack.DistinctBlocks;
import dev.flipside.platform.OutputFolder;
import dev.flipside.release.Architecture;
import dev.flipside.release.Identifiers;
import dev.flipside.release.Identifiers.Purpose;
import dev.flipside.release.Names;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Verity;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds a release: image, hash tree, pack, UKI and manifest, in a folder that appears when all of
 * them are there.
 *
 * <p>Invariant: the bytes depend on the root file system, the names and the options alone. The
 * image is written once; everything else is made from it.
 */
public final class ReleaseBuild {
    public static final String MANIFEST_FILE = "release.json";

    private static final String SIGNATURE_SUFFIX = ".verity-sig";
    private static final long MAX_IMAGE_BYTES =
            (long) DistinctBlocks.MAX_BLOCKS * BlockPack.BLOCK_SIZE_BYTES;

    private final BuildRequest request;
    private final BuildProgress progress;
    private final String label;

    private ReleaseBuild(BuildRequest request, BuildProgress progress) throws FlipsideException {
        this.request = request;
        this.progress = progress;
        this.label = Names.label(request.product(), request.version());
    }

    /**
     * Builds into {@code request.out()}; nothing is left there or beside it on a failure.
     *
     * @throws FlipsideException among others {@code output-exists}, {@code name-invalid}, {@code
     *     input-missing}, and all that the root file system can be refused for
     */
    public static ReleaseManifest run(BuildRequest request, BuildProgress progress)
            throws IOException, FlipsideException {
        ReleaseBuild build = new ReleaseBuild(request, progress);
        KernelCommand.requireOwn(request.kernelOptions());
        try (OutputFolder folder = outputFolder(request.out())) {
            ReleaseManifest manifest = build.into(folder.path());
            folder.commit();
            return manifest;
        }
    }

    private static OutputFolder outputFolder(Path out) throws IOException, FlipsideException {
        try {
            return OutputFolder.create(out);
        } catch (FileAlreadyExistsException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.OUTPUT_EXISTS,
                            "output '" + out + "'",
                            "a folder that does not exist, or is empty",
                            "something there",
                            "remove it, or choose another --out"),
                    e);
        } catch (NoSuchFileException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.INPUT_MISSING,
                            "output '" + out + "'",
                            "the folder '" + e.getFile() + "' to make it in",
                            "none",
                            "make that folder, or choose another --out"),
                    e);
        }
    }

    private ReleaseManifest into(Path folder) throws IOException, FlipsideException {
        Optional<String> compressor =
                request.compression().isPresent()
                        ? Optional.of(CompressedImage.requireProgram())
                        : Optional.empty();
        DigestedRootFileSystem given =
                DigestedRootFileSystem.of(
                        RootFileSystem.open(request.rootfs(), request.image(), progress::notice));
        ShapedRootFileSystem whole = ShapedRootFileSystem.of(given, request.recipe());
        BootFiles boot = BootFiles.find(whole.tree(), request.boot());
        Inputs inputs = new Inputs(given, whole, compressor);
        return switch (request.usage()) {
            case ROOT -> from(inputs, whole, boot, folder);
            case USR -> {
                UsrTree usr = new UsrTree(whole);
                try (OutsideFiles outside = new OutsideFiles(folder, usr::has)) {
                    yield from(inputs, usr, outside.copied(whole, boot), folder);
                }
            }
        };
    }

    /**
     * What a release is made of beside its boot files.
     *
     * @param given the root file system as it was given
     * @param shaped the same as the recipe wants it
     * @param compressor the version of mkfs.erofs
     */
    private record Inputs(
            DigestedRootFileSystem given,
            ShapedRootFileSystem shaped,
            Optional<String> compressor) {
        /** As the provenance names them. */
        List<Input> with(List<Input> bootFiles) {
            List<Input> all = new ArrayList<>(List.of(Input.tree("rootfs", given.digest().hex())));
            all.addAll(shaped.inputs());
            all.addAll(bootFiles);
            return all;
        }
    }

    private ReleaseManifest from(Inputs inputs, RootFileSystem rootfs, BootFiles boot, Path folder)
            throws IOException, FlipsideException {
        ReleaseFiles files = new ReleaseFiles(folder, request.usage(), request.threads(), progress);
        try (CompressedImage compressed = new CompressedImage(folder);
                OpenFiles open = new OpenFiles()) {
            Architecture architecture = BootParts.architecture(boot.stub(), open);
            Identifiers identifiers =
                    new Identifiers(request.product(), architecture, request.version());
            ErofsLayout layout = plan(rootfs, identifiers);
            Hashed hashed = image(rootfs, layout, identifiers, files, compressed);
            VerityParameters parameters = hashed.parameters();
            RandomAccess imageFile = open.open(files.path(hashed.image().name()));
            RandomAccess readable =
                    request.compression().isPresent() ? open.open(compressed.plain()) : imageFile;
            ImageParts parts =
                    request.compression().isPresent()
                            ? ImageParts.ofAnother(readable)
                            : ImageParts.of(imageFile);
            BootParts contents =
                    new BootParts(request, boot, file -> open.open(file, parts, layout));
            Artifact uki =
                    files.uki(
                            label + ".efi",
                            contents.stub(architecture),
                            contents.uki(inputs.shaped().tree(), hashed.rootHash()),
                            parts,
                            request.signatures().secureBoot());
            EspRoom.require(uki.sizeBytes(), request.boot().espSizeBytes());
            Sbom sbom = sbom(identifiers, rootfs, hashed, readable, folder);
            RandomAccess treeFile = open.open(files.path(hashed.tree().name()));
            ReleaseFiles.Pack pack = files.pack(imageFile, treeFile, request.packLevel());
            ReleaseDocuments documents = new ReleaseDocuments(files);
            List<Artifact> artifacts =
                    new ArrayList<>(
                            List.of(hashed.image(), hashed.tree(), uki, pack.pack(), pack.index()));
            signature(files, hashed.rootHash()).ifPresent(artifacts::add);
            artifacts.addAll(documents.sbom(sbom));
            artifacts.add(
                    documents.provenance(
                            request,
                            inputs.with(contents.inputs()),
                            inputs.compressor(),
                            artifacts));
            ReleaseManifest manifest =
                    manifest(
                            identifiers,
                            rootfs.newestChange(),
                            new Verity(
                                    request.usage(),
                                    parameters.salt(),
                                    parameters.uuid().toString(),
                                    hashed.rootHash(),
                                    parameters.dataBlocks()),
                            artifacts);
            files.whole(MANIFEST_FILE, ReleaseManifestJson.write(manifest));
            return manifest;
        }
    }

    private Sbom sbom(
            Identifiers identifiers,
            RootFileSystem rootfs,
            Hashed hashed,
            RandomAccess image,
            Path folder)
            throws IOException, FlipsideException {
        SbomSubject subject =
                new SbomSubject(
                        identifiers,
                        request.usage(),
                        created(rootfs.newestChange()),
                        hashed.image(),
                        hashed.rootHash(),
                        BuilderVersion.current());
        return Sbom.of(subject, image, folder, progress::notice);
    }

    private Optional<Artifact> signature(ReleaseFiles files, String rootHash)
            throws IOException, FlipsideException {
        Optional<SigningIdentity> signer = request.signatures().verity();
        return signer.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        files.document(
                                Artifact.Role.SIGNATURE,
                                request.usage().code() + SIGNATURE_SUFFIX,
                                VeritySignature.of(rootHash, signer.get())));
    }

    /** Image and tree, and what the tree was made with. */
    private record Hashed(ReleaseFiles.ImageAndTree written, VerityParameters parameters) {
        Artifact image() {
            return written.image();
        }

        Artifact tree() {
            return written.tree();
        }

        String rootHash() {
            return written.rootHash();
        }
    }

    private Hashed image(
            RootFileSystem rootfs,
            ErofsLayout layout,
            Identifiers identifiers,
            ReleaseFiles files,
            CompressedImage compressed)
            throws IOException, FlipsideException {
        if (request.compression().isEmpty()) {
            VerityParameters parameters = parameters(identifiers, layout.sizeBytes());
            return new Hashed(files.image(rootfs, layout, parameters), parameters);
        }
        Path image = files.path(files.imageName());
        files.plainImage(rootfs, layout, compressed.plain());
        compressed.write(
                image,
                rootfs.tree(),
                layout,
                request.compression().get(),
                new CompressedImage.Identity(
                        identifiers.uuid(Purpose.EROFS_UUID), rootfs.newestChange()));
        try (OpenFiles open = new OpenFiles()) {
            RandomAccess file = open.open(image);
            VerityParameters parameters = parameters(identifiers, file.sizeBytes());
            return new Hashed(files.tree(file, parameters), parameters);
        }
    }

    private ErofsLayout plan(RootFileSystem rootfs, Identifiers identifiers)
            throws FlipsideException {
        ErofsLayout layout =
                ErofsLayout.plan(
                        rootfs.tree(), identifiers.uuid(Purpose.EROFS_UUID), rootfs.newestChange());
        requireSlot(layout.sizeBytes());
        if (layout.sizeBytes() > MAX_IMAGE_BYTES) {
            throw new FlipsideException(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    "image of the root file system",
                    "at most " + MAX_IMAGE_BYTES + " bytes",
                    layout.sizeBytes() + " bytes",
                    "leave out what a host does not need");
        }
        return layout;
    }

    private void requireSlot(long imageBytes) throws FlipsideException {
        if (imageBytes > request.slotBytes().orElse(Long.MAX_VALUE)) {
            throw new FlipsideException(
                    FailureCode.SLOT_TOO_SMALL,
                    "slot of the hosts",
                    "an image of at most " + request.slotBytes().orElseThrow() + " bytes",
                    imageBytes + " bytes",
                    "leave out what a host does not need");
        }
    }

    private VerityParameters parameters(Identifiers identifiers, long imageBytes) {
        return new VerityParameters(
                request.salt().orElse(identifiers.salt()),
                identifiers.uuid(Purpose.VERITY_UUID),
                imageBytes / VerityParameters.BLOCK_SIZE_BYTES);
    }

    private ReleaseManifest manifest(
            Identifiers identifiers, Instant newestChange, Verity verity, List<Artifact> artifacts)
            throws FlipsideException {
        ReleaseManifest manifest =
                new ReleaseManifest(
                        request.product(),
                        request.version(),
                        identifiers.architecture(),
                        request.securityVersion(),
                        created(newestChange),
                        verity,
                        artifacts,
                        sizeBytes(artifacts, Artifact.Role.IMAGE),
                        sizeBytes(artifacts, Artifact.Role.TREE),
                        ReleaseManifest.FORMAT);
        // What no host could read must not leave the builder.
        return ReleaseManifestJson.parse(ReleaseManifestJson.write(manifest));
    }

    private static long sizeBytes(List<Artifact> artifacts, Artifact.Role role) {
        return artifacts.stream()
                .filter(artifact -> artifact.role() == role)
                .mapToLong(Artifact::sizeBytes)
                .sum();
    }

    /** Whole seconds, as the manifest has them, and not before 1970. */
    private static Instant created(Instant newestChange) {
        return newestChange.isBefore(Instant.EPOCH)
                ? Instant.EPOCH
                : newestChange.truncatedTo(ChronoUnit.SECONDS);
    }
}
