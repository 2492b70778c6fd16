package dev.flipside.builder.release;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.release.Version;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the UKI is made of, found where distributions put it: the newest kernel, the initrd of that
 * kernel, systemd's stub, and os-release.
 *
 * @param kernelVersion known from the kernel's path; empty for a kernel that was given
 */
record BootFiles(
        BootFile kernel,
        Optional<String> kernelVersion,
        List<BootFile> initrds,
        BootFile stub,
        BootFile osRelease) {
    private static final String MODULES = "usr/lib/modules";
    private static final String BOOT_KERNEL = "vmlinuz-";
    private static final String STUBS = "usr/lib/systemd/boot/efi/";
    private static final List<String> INITRDS =
            List.of(
                    MODULES + "/%s/initrd",
                    MODULES + "/%s/initrd.img",
                    MODULES + "/%s/initramfs.img",
                    "boot/initrd.img-%s",
                    "boot/initrd-%s",
                    "boot/initramfs-%s.img");

    /** A kernel in the root file system. */
    private record FoundKernel(String version, BootFile.InRoot file) {}

    /**
     * Finds everything in the metadata of the root file system, before anything is written.
     *
     * @throws FlipsideException {@code input-missing} for what is neither there nor given
     */
    static BootFiles find(FileTree tree, BuildRequest.BootOverrides given)
            throws FlipsideException {
        RootPaths paths = new RootPaths(tree);
        BootFile stub = stub(paths, given);
        BootFile osRelease = osRelease(paths);
        if (given.kernel().isPresent()) {
            BootFile kernel = new BootFile.Given(given.kernel().get());
            if (given.initrds().isEmpty()) {
                throw initrdNotGiven();
            }
            return new BootFiles(kernel, Optional.empty(), initrds(given), stub, osRelease);
        }
        FoundKernel kernel = newestKernel(paths);
        requireModules(tree, kernel.version());
        List<BootFile> initrds =
                given.initrds().isEmpty()
                        ? List.of(initrd(paths, kernel.version()))
                        : initrds(given);
        return new BootFiles(
                kernel.file(), Optional.of(kernel.version()), initrds, stub, osRelease);
    }

    private static List<BootFile> initrds(BuildRequest.BootOverrides given) {
        return given.initrds().stream().<BootFile>map(BootFile.Given::new).toList();
    }

    private static BootFile stub(RootPaths paths, BuildRequest.BootOverrides given)
            throws FlipsideException {
        if (given.stub().isPresent()) {
            return new BootFile.Given(given.stub().get());
        }
        List<BootFile> stubs =
                List.of(Architecture.values()).stream()
                        .map(BootFiles::stubPath)
                        .flatMap(path -> inRoot(paths, path).stream())
                        .toList();
        if (stubs.size() == 1) {
            return stubs.getFirst();
        }
        throw missing(
                "systemd-stub in the root file system",
                "/" + STUBS + "linuxx64.efi.stub, or linuxaa64.efi.stub",
                stubs.isEmpty() ? "neither" : "both",
                "install systemd-boot-efi there, or give --stub");
    }

    private static String stubPath(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> STUBS + "linuxx64.efi.stub";
            case ARM64 -> STUBS + "linuxaa64.efi.stub";
        };
    }

    /** The architecture of a stub that was found in the root file system, by its name. */
    static Architecture architectureOfStub(String path) {
        for (Architecture architecture : Architecture.values()) {
            if (path.equals("/" + stubPath(architecture))) {
                return architecture;
            }
        }
        throw new IllegalArgumentException("not the path of a stub: " + path);
    }

    private static BootFile osRelease(RootPaths paths) throws FlipsideException {
        for (String path : List.of("usr/lib/os-release", "etc/os-release")) {
            Optional<BootFile> found = inRoot(paths, path);
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw missing(
                "os-release in the root file system",
                "/usr/lib/os-release or /etc/os-release",
                "neither",
                "give a whole root file system");
    }

    private static FoundKernel newestKernel(RootPaths paths) throws FlipsideException {
        TreeMap<String, FoundKernel> kernels =
                new TreeMap<>(Version.ORDER.thenComparing(Comparator.naturalOrder()));
        for (String name : paths.names("boot")) {
            if (name.startsWith(BOOT_KERNEL)) {
                addKernel(kernels, paths, name.substring(BOOT_KERNEL.length()), "boot/" + name);
            }
        }
        for (String version : paths.names(MODULES)) {
            addKernel(kernels, paths, version, MODULES + "/" + version + "/vmlinuz");
        }
        if (kernels.isEmpty()) {
            throw missing(
                    "kernel in the root file system",
                    "/usr/lib/modules/*/vmlinuz or /boot/vmlinuz-*",
                    "none",
                    "install a kernel there, or give --kernel and --initrd");
        }
        return kernels.lastEntry().getValue();
    }

    /**
     * A kernel without its modules finds no disk, on most machines.
     *
     * @throws FlipsideException {@code input-missing}
     */
    static void requireModules(FileTree tree, String kernelVersion) throws FlipsideException {
        RootPaths paths = new RootPaths(tree);
        String folder = MODULES + "/" + kernelVersion;
        if (!paths.isFolder(folder)) {
            throw missing(
                    "modules of kernel " + kernelVersion + " in the root file system",
                    "/" + folder,
                    paths.names(MODULES).isEmpty()
                            ? "none of any kernel"
                            : "only " + String.join(", ", paths.names(MODULES)),
                    "install them there; for a kernel that has all of them built in, an empty"
                            + " folder");
        }
        if (paths.isFolder(folder + "/kernel") && paths.file(folder + "/modules.dep").isEmpty()) {
            throw missing(
                    "index of the modules of kernel " + kernelVersion,
                    "/" + folder + "/modules.dep",
                    "none",
                    "run 'depmod " + kernelVersion + "' in the root file system");
        }
    }

    private static void addKernel(
            TreeMap<String, FoundKernel> kernels, RootPaths paths, String version, String path) {
        paths.file(path)
                .map(inode -> new FoundKernel(version, new BootFile.InRoot("/" + path, inode)))
                .ifPresent(kernel -> kernels.put(version, kernel));
    }

    private static BootFile initrd(RootPaths paths, String kernelVersion) throws FlipsideException {
        for (String pattern : INITRDS) {
            Optional<BootFile> found = inRoot(paths, pattern.formatted(kernelVersion));
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw missing(
                "initrd for kernel " + kernelVersion + " in the root file system",
                "/usr/lib/modules/%1$s/initrd or /boot/initrd.img-%1$s".formatted(kernelVersion),
                "none",
                "make one there, or give --initrd");
    }

    private static Optional<BootFile> inRoot(RootPaths paths, String path) {
        Optional<Inode> file = paths.file(path);
        return file.map(inode -> new BootFile.InRoot("/" + path, inode));
    }

    private static FlipsideException initrdNotGiven() {
        return missing(
                "initrd",
                "--initrd together with --kernel",
                "--kernel alone",
                "give the initrd that belongs to the kernel");
    }

    private static FlipsideException missing(
            String what, String expected, String found, String action) {
        return new FlipsideException(FailureCode.INPUT_MISSING, what, expected, found, action);
    }
}
