package dev.flipside.builder.release;

import dev.flipside.boot.initrd.GiveUpInitrd;
import dev.flipside.boot.uki.EfiImage;
import dev.flipside.boot.uki.UkiContents;
import dev.flipside.builder.provenance.Provenance.Input;
import dev.flipside.erofs.FileTree;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What goes into the UKI, read and looked at. */
record BootParts(BuildRequest request, BootFiles files, Source source) {
    private static final int MAX_OS_RELEASE_BYTES = 1 << 16;

    /** Where the contents of a boot file come from. */
    @FunctionalInterface
    interface Source {
        RandomAccess open(BootFile file) throws IOException, FlipsideException;
    }

    static Architecture architecture(BootFile stub, OpenFiles open)
            throws IOException, FlipsideException {
        return switch (stub) {
            case BootFile.InRoot(String path, var inode) -> BootFiles.architectureOfStub(path);
            case BootFile.Given(Path path) ->
                    EfiImage.architecture(open.open(OpenFiles.requireFile(path)), "stub");
        };
    }

    /**
     * The stub. One in the root file system can only be looked into when the image is written.
     *
     * @throws FlipsideException {@code uki-malformed} for one that is not what its name says
     */
    RandomAccess stub(Architecture architecture) throws IOException, FlipsideException {
        RandomAccess file = source.open(files.stub());
        String what = "stub '" + files.stub().shownPath() + "'";
        Architecture found = EfiImage.architecture(file, what);
        if (found != architecture) {
            throw new FlipsideException(
                    FailureCode.UKI_MALFORMED,
                    what,
                    "a stub for %s, as its name says".formatted(architecture.code()),
                    "one for " + found.code(),
                    "install systemd-boot-efi of that architecture, or give --stub");
        }
        return file;
    }

    /**
     * The contents.
     *
     * @param tree of the whole root file system, which must have the kernel's modules
     */
    UkiContents uki(FileTree tree, String rootHash) throws IOException, FlipsideException {
        RandomAccess kernel = source.open(files.kernel());
        String kernelVersion =
                files.kernelVersion().isPresent()
                        ? files.kernelVersion().get()
                        : KernelVersion.of(kernel);
        BootFiles.requireModules(tree, kernelVersion);
        return new UkiContents(
                osRelease(source.open(files.osRelease())),
                KernelCommand.of(request.usage(), rootHash, request.kernelOptions()),
                kernelVersion,
                kernel,
                initrds());
    }

    /** What the provenance says of them. */
    List<Input> inputs() throws IOException, FlipsideException {
        List<Input> inputs = new ArrayList<>();
        inputs.add(input("kernel", files.kernel()));
        for (Path microcode : request.boot().microcode()) {
            inputs.add(input("microcode", new BootFile.Given(microcode)));
        }
        for (BootFile initrd : files.initrds()) {
            inputs.add(input("initrd", initrd));
        }
        inputs.add(input("stub", files.stub()));
        return inputs;
    }

    private Input input(String name, BootFile file) throws IOException, FlipsideException {
        return ReleaseDocuments.bootInput(name, file, source.open(file));
    }

    /** Microcode first, as the kernel looks at the beginning only; the one that gives up last. */
    private List<RandomAccess> initrds() throws IOException, FlipsideException {
        List<RandomAccess> initrds = new ArrayList<>();
        for (Path microcode : request.boot().microcode()) {
            RandomAccess file = source.open(new BootFile.Given(microcode));
            InitrdCheck.requireMicrocode(file, "microcode '" + microcode + "'");
            initrds.add(file);
        }
        for (BootFile initrd : files.initrds()) {
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
}
