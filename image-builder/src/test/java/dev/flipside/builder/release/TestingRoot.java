package dev.flipside.builder.release;

import dev.flipside.boot.uki.TestingPe;
import dev.flipside.builder.rootfs.TestingTar;
import java.nio.charset.StandardCharsets;

/** A root file system with all that a UKI needs, in tiny. */
public final class TestingRoot {
    public static final String KERNEL_VERSION = "6.12.1-test";
    static final String STUB_PATH = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";
    static final String OS_RELEASE = "ID=test\nPRETTY_NAME=\"Test\"\n";
    static final String INITRD = "070701, the initrd of the image";

    private TestingRoot() {}

    /** Bytes as text in which a char is a byte, as {@link TestingTar} takes contents. */
    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    public static TestingTar tar() {
        return withoutStub().file(STUB_PATH, text(TestingPe.stub()));
    }

    static TestingTar withoutStub() {
        return withoutKernel()
                .file("usr/lib/modules/" + KERNEL_VERSION + "/vmlinuz", text(TestingPe.kernel(1)))
                .file("boot/initrd.img-" + KERNEL_VERSION, INITRD);
    }

    static TestingTar withoutKernel() {
        return folders(new TestingTar())
                .directory("boot")
                .directory("etc")
                .directory("usr/lib/modules")
                .directory("usr/lib/modules/" + KERNEL_VERSION)
                .file("usr/lib/os-release", OS_RELEASE)
                .symlink("etc/os-release", "../usr/lib/os-release")
                .file("etc/hostname", "x".repeat(10_000))
                .file("etc/same", "x".repeat(10_000));
    }

    /** The folders in which the stub stands. */
    static TestingTar folders(TestingTar tar) {
        return tar.directory("usr")
                .directory("usr/lib")
                .directory("usr/lib/systemd")
                .directory("usr/lib/systemd/boot")
                .directory("usr/lib/systemd/boot/efi");
    }
}
