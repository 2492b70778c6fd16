package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.builder.rootfs.TestingTar;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BootFilesTest {
    @TempDir private Path folder;

    private BootFiles find(TestingTar tar) throws IOException, FlipsideException {
        return BootFiles.find(
                RootFileSystem.open(tar.in(folder)).tree(), BuildRequest.BootOverrides.none());
    }

    private void assertMissing(TestingTar tar, String what) {
        FlipsideException refusal = assertThrows(FlipsideException.class, () -> find(tar));
        assertEquals(FailureCode.INPUT_MISSING, refusal.failure().code());
        assertTrue(refusal.failure().what().startsWith(what), refusal.getMessage());
    }

    private static String path(BootFile file) {
        return switch (file) {
            case BootFile.InRoot(String path, var inode) -> path;
            case BootFile.Given(Path path) -> "given " + path;
        };
    }

    @Test
    void findsThemWhereDistributionsPutThem() throws Exception {
        BootFiles files = find(TestingRoot.tar());
        assertEquals("/usr/lib/modules/6.12.1-test/vmlinuz", path(files.kernel()));
        assertEquals(Optional.of("6.12.1-test"), files.kernelVersion());
        assertEquals("/boot/initrd.img-6.12.1-test", path(files.initrds().getFirst()));
        assertEquals("/" + TestingRoot.STUB_PATH, path(files.stub()));
        assertEquals(Architecture.X86_64, BootFiles.architectureOfStub(path(files.stub())));
        assertEquals("/usr/lib/os-release", path(files.osRelease()));
    }

    @Test
    void takesTheNewestKernelAndItsInitrd() throws Exception {
        BootFiles files =
                find(
                        TestingRoot.tar()
                                .directory("usr/lib/modules/6.12.10")
                                .file("boot/vmlinuz-6.9.30", "older")
                                .file("boot/initrd.img-6.9.30", "older")
                                .file("boot/vmlinuz-6.12.10", "newer")
                                .file("boot/initramfs-6.12.10.img", "newer"));
        assertEquals("/boot/vmlinuz-6.12.10", path(files.kernel()));
        assertEquals("/boot/initramfs-6.12.10.img", path(files.initrds().getFirst()));
    }

    @Test
    void followsSymbolicLinksWithinTheRoot() throws Exception {
        String kernel = "/../usr/./lib/modules/6.12.1-test/vmlinuz";
        BootFiles files =
                find(
                        TestingRoot.tar()
                                .directory("usr/lib/modules/9")
                                .symlink("boot/vmlinuz-9", kernel)
                                .symlink("boot/initrd.img-9", "initrd.img-6.12.1-test"));
        assertEquals("/boot/vmlinuz-9", path(files.kernel()));
        assertEquals("/boot/initrd.img-9", path(files.initrds().getFirst()));
        assertTrue(
                files.initrds().getFirst() instanceof BootFile.InRoot(String path, var inode)
                        && inode.kind() instanceof InodeKind.RegularFile,
                "the file behind the link");
    }

    @Test
    void passesOverLinksThatLeadNowhere() throws Exception {
        BootFiles files =
                find(
                        TestingRoot.tar()
                                .symlink("boot/vmlinuz-8", "nowhere")
                                .symlink("boot/vmlinuz-9", "vmlinuz-9")
                                .directory("boot/vmlinuz-10"));
        assertEquals("/usr/lib/modules/6.12.1-test/vmlinuz", path(files.kernel()));
    }

    @Test
    void saysWhatIsMissing() {
        assertMissing(TestingRoot.withoutStub(), "systemd-stub");
        String other = "usr/lib/systemd/boot/efi/linuxaa64.efi.stub";
        assertMissing(TestingRoot.tar().file(other, "arm"), "systemd-stub");
        assertMissing(TestingRoot.withoutKernel().file(TestingRoot.STUB_PATH, "stub"), "kernel");
        TestingTar seven = TestingRoot.tar().file("boot/vmlinuz-7", "no initrd");
        assertMissing(seven, "modules of kernel 7");
        assertMissing(seven.directory("usr/lib/modules/7"), "initrd for kernel 7");
        assertMissing(
                seven.directory("usr/lib/modules/7/kernel"), "index of the modules of kernel 7");
        assertMissing(
                TestingRoot.folders(new TestingTar()).file(TestingRoot.STUB_PATH, "stub"),
                "os-release");
    }
}
