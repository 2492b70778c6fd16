package dev.flipside.builder.release;

import dev.flipside.boot.initrd.GiveUpInitrd;
import dev.flipside.boot.uki.EfiImage;
import dev.flipside.boot.uki.UkiContents;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.provenance.Provenance.Input;
import dev.flipside.builder.rootfs.DigestedRootFileSystem;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.builder.sbom.Sbom;
import dev.flipside.builder.sbom.SbomSubject;
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
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.release.ReleaseManifest.Verity;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

    private static final String SIGNATURE_FILE = "root.verity-sig";
    private static final long MAX_IMAGE_BYTES =
            (long) DistinctBlocks.MAX_BLOCKS * BlockPack.BLOCK_SIZE_BYTES;
    private static final int MAX_OS_RELEASE_BYTES = 1 << 16;

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
        if (request.usage() == Usage.USR) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "--verity usr",
                    "--verity root",
                    "an image of /usr alone, which this version cannot build yet",
                    "build with --verity root");
        }
        KernelCommand.requireOwn(request.commandLine());
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
        DigestedRootFileSystem rootfs =
                DigestedRootFileSystem.of(
                        RootFileSystem.open(request.rootfs(), request.image(), progress::notice));
        BootFiles boot = BootFiles.find(rootfs.tree(), request.boot());
        ReleaseFiles files = new ReleaseFiles(folder, request.threads(), progress);
        try (OpenFiles open = new OpenFiles()) {
            Architecture architecture = architecture(boot.stub(), open);
            Identifiers identifiers =
                    new Identifiers(request.product(), architecture, request.version());
            ErofsLayout layout = plan(rootfs, identifiers);
            VerityParameters parameters = parameters(identifiers, layout.sizeBytes());
            ReleaseFiles.ImageAndTree hashed = files.image(rootfs, layout, parameters);
            RandomAccess imageFile = open.open(files.path(ReleaseFiles.IMAGE));
            ImageParts parts = new ImageParts(imageFile);
            BootSource source = file -> open.open(file, parts, layout);
            Artifact uki =
                    files.uki(
                            label + ".efi",
                            source.open(boot.stub()),
                            ukiContents(boot, source, hashed.rootHash()),
                            parts,
                            request.signatures().secureBoot());
            EspRoom.require(uki.sizeBytes(), request.boot().espSizeBytes());
            Sbom sbom = sbom(identifiers, rootfs.newestChange(), hashed, imageFile, folder);
            RandomAccess treeFile = open.open(files.path(ReleaseFiles.TREE));
            ReleaseFiles.Pack pack = files.pack(imageFile, treeFile, request.packLevel());
            ReleaseDocuments documents = new ReleaseDocuments(files);
            List<Artifact> artifacts =
                    new ArrayList<>(
                            List.of(hashed.image(), hashed.tree(), uki, pack.pack(), pack.index()));
            signature(files, hashed.rootHash()).ifPresent(artifacts::add);
            artifacts.addAll(documents.sbom(sbom));
            artifacts.add(
                    documents.provenance(
                            request, rootfs.digest().hex(), bootInputs(boot, source), artifacts));
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
            Instant newestChange,
            ReleaseFiles.ImageAndTree hashed,
            RandomAccess image,
            Path folder)
            throws IOException, FlipsideException {
        return Sbom.of(
                new SbomSubject(
                        identifiers,
                        request.usage(),
                        created(newestChange),
                        hashed.image(),
                        hashed.rootHash(),
                        BuilderVersion.current()),
                image,
                folder,
                progress::notice);
    }

    private Optional<Artifact> signature(ReleaseFiles files, String rootHash)
            throws IOException, FlipsideException {
        Optional<SigningIdentity> signer = request.signatures().verity();
        return signer.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        files.document(
                                Artifact.Role.SIGNATURE,
                                SIGNATURE_FILE,
                                VeritySignature.of(rootHash, signer.get())));
    }

    /** Where the contents of a boot file come from. */
    @FunctionalInterface
    private interface BootSource {
        RandomAccess open(BootFile file) throws IOException, FlipsideException;
    }

    private List<Input> bootInputs(BootFiles boot, BootSource source)
            throws IOException, FlipsideException {
        List<Input> inputs = new ArrayList<>();
        inputs.add(bootInput("kernel", boot.kernel(), source));
        for (Path microcode : request.boot().microcode()) {
            inputs.add(bootInput("microcode", new BootFile.Given(microcode), source));
        }
        for (BootFile initrd : boot.initrds()) {
            inputs.add(bootInput("initrd", initrd, source));
        }
        inputs.add(bootInput("stub", boot.stub(), source));
        return inputs;
    }

    private static Input bootInput(String name, BootFile file, BootSource source)
            throws IOException, FlipsideException {
        return ReleaseDocuments.bootInput(name, file, source.open(file));
    }

    private static Architecture architecture(BootFile stub, OpenFiles open)
            throws IOException, FlipsideException {
        return switch (stub) {
            case BootFile.InRoot(String path, var inode) -> BootFiles.architectureOfStub(path);
            case BootFile.Given(Path path) ->
                    EfiImage.architecture(open.open(OpenFiles.requireFile(path)), "stub");
        };
    }

    private static ErofsLayout plan(RootFileSystem rootfs, Identifiers identifiers)
            throws FlipsideException {
        ErofsLayout layout =
                ErofsLayout.plan(
                        rootfs.tree(), identifiers.uuid(Purpose.EROFS_UUID), rootfs.newestChange());
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

    private VerityParameters parameters(Identifiers identifiers, long imageBytes) {
        return new VerityParameters(
                request.salt().orElse(identifiers.salt()),
                identifiers.uuid(Purpose.VERITY_UUID),
                imageBytes / VerityParameters.BLOCK_SIZE_BYTES);
    }

    private UkiContents ukiContents(BootFiles boot, BootSource source, String rootHash)
            throws IOException, FlipsideException {
        RandomAccess kernel = source.open(boot.kernel());
        String kernelVersion =
                boot.kernelVersion().isPresent()
                        ? boot.kernelVersion().get()
                        : KernelVersion.of(kernel);
        return new UkiContents(
                osRelease(source.open(boot.osRelease())),
                KernelCommand.of(request.usage(), rootHash, request.commandLine()),
                kernelVersion,
                kernel,
                initrds(boot, source));
    }

    /** Microcode first, as the kernel looks at the beginning only; the one that gives up last. */
    private List<RandomAccess> initrds(BootFiles boot, BootSource source)
            throws IOException, FlipsideException {
        List<RandomAccess> initrds = new ArrayList<>();
        for (Path microcode : request.boot().microcode()) {
            RandomAccess file = source.open(new BootFile.Given(microcode));
            InitrdCheck.requireMicrocode(file, "microcode '" + microcode + "'");
            initrds.add(file);
        }
        for (BootFile initrd : boot.initrds()) {
            RandomAccess file = source.open(initrd);
            InitrdCheck.requireInitrd(file, "initrd '" + initrd.shownPath() + "'");
            initrds.add(file);
        }
        initrds.add(RandomAccess.of(GiveUpInitrd.bytes()));
        return initrds;
    }

    private static String osRelease(RandomAccess file) throws IOException, FlipsideException {
        if (file.sizeBytes() > MAX_OS_RELEASE_BYTES) {
            throw new FlipsideException(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    "os-release in the root file system",
                    "at most " + MAX_OS_RELEASE_BYTES + " bytes",
                    file.sizeBytes() + " bytes",
                    "give a whole root file system");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) file.sizeBytes());
        file.read(bytes, 0);
        return new String(bytes.array(), StandardCharsets.UTF_8);
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
