package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.uki.TestingPe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release and a disk for arm64 around Debian's stub and loader, judged by the real tools. */
class Arm64OracleTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final String LOADERS = "usr/lib/systemd/boot/efi/";

    @TempDir Path folder;

    @Test
    void isBuiltFromArm64FilesOnAnyMachine() throws Exception {
        build();
        ObjectNode manifest = Workbench.parse(Files.readString(at("release/release.json")));
        assertEquals("arm64", manifest.path("architecture").asText());
        ByteBuffer uki = ByteBuffer.wrap(Files.readAllBytes(at("release/small_1.efi")));
        uki.order(ByteOrder.LITTLE_ENDIAN);
        assertEquals((short) 0xaa64, uki.getShort(uki.getInt(60) + 4));
        String sections = Tools.find("ukify").check("inspect", at("release/small_1.efi"));
        for (String section : List.of(".sbat", ".osrel", ".cmdline", ".uname", ".linux")) {
            assertTrue(sections.contains(section + ":"), sections);
        }
        assertTrue(
                Tools.find("sbverify")
                        .check("--cert", at("db.crt.pem"), at("release/small_1.efi"))
                        .contains("Signature verification OK"));
    }

    @Test
    void startsFromADiskWithTheTypesOfArm64() throws Exception {
        build();
        IMAGE.check(
                "disk",
                "--release",
                at("release"),
                "--out",
                at("disk.raw"),
                "--size",
                "256MiB",
                "--slot-size",
                "16MiB",
                "--esp-size",
                "64MiB");
        assertTrue(
                Tools.find("sgdisk")
                        .check("-i", "2", at("disk.raw"))
                        .contains("B921B045-1DF0-41C3-AF44-4C6F280D3FAE"));
        Tools.find("mcopy")
                .check("-n", "-i", at("disk.raw") + "@@1M", "::/EFI/BOOT/BOOTAA64.EFI", at("l"));
        assertEquals(-1, Files.mismatch(debian("systemd-bootaa64.efi"), at("l")));
    }

    private void build() throws Exception {
        IMAGE.check("key", "generate", "--algorithm", "rsa-3072", "--out", at("db"));
        IMAGE.check(
                "key",
                "certificate",
                "--key",
                at("db.key.pem"),
                "--name",
                "db",
                "--out",
                at("db.crt.pem"));
        SmallRoot root =
                SmallRoot.of("1")
                        .without(LOADERS + "linuxx64.efi.stub")
                        .without(LOADERS + "systemd-bootx64.efi")
                        .with("usr/lib/modules/6.12.0-small/vmlinuz", TestingPe.arm64Kernel(1));
        for (String name : List.of("linuxaa64.efi.stub", "systemd-bootaa64.efi")) {
            root.with(LOADERS + name, Files.readAllBytes(debian(name)));
        }
        IMAGE.check(
                "build",
                "--rootfs",
                root.writeTar(at("root.tar")),
                "--product",
                "small",
                "--version",
                "1",
                "--out",
                at("release"),
                "--secure-boot-key",
                at("db.key.pem"),
                "--secure-boot-cert",
                at("db.crt.pem"));
    }

    private static Path debian(String name) {
        return Tools.library("systemd/boot/efi/" + name);
    }

    private Path at(String name) {
        return folder.resolve(name);
    }
}
