package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Verity;
import dev.flipside.release.ReleaseManifestJson;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every real tool judges what the commands make of a real Debian root file system. */
class DebianReleaseTest {
    @TempDir Path folder;

    @Test
    void realToolsAcceptEveryPartOfADebianRelease() throws Exception {
        Path release = folder.resolve("release");
        CommandLine.flipsideImage()
                .check(
                        "build",
                        "--rootfs",
                        ErofsOracleTest.debianTar(),
                        "--product",
                        "debian",
                        "--version",
                        "1",
                        "--pack-level",
                        "1",
                        "--out",
                        release);
        ReleaseManifest manifest =
                ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
        imageAndTree(release, manifest.verity());
        uki(release.resolve("debian_1.efi"), manifest.verity());
        disk(release, manifest.verity());
    }

    private void imageAndTree(Path release, Verity verity) throws Exception {
        Path image = release.resolve("root.img");
        Path tree = release.resolve("root.verity");
        Tools.find("fsck.erofs").check(image);
        Tools.Tool veritysetup = Tools.find("veritysetup");
        veritysetup.check("verify", image, tree, verity.rootHash());
        Path theirs = Files.createFile(folder.resolve("theirs.verity"));
        veritysetup.check(
                "format", "--salt=" + verity.salt(), "--uuid=" + verity.uuid(), image, theirs);
        assertEquals(-1, Files.mismatch(theirs, tree));
    }

    private static void uki(Path uki, Verity verity) throws Exception {
        String sections = Tools.find("objdump").check("-h", uki);
        assertTrue(sections.contains(".linux") && sections.contains(".initrd"), sections);
        String inspected = Tools.find("ukify").check("inspect", uki);
        assertTrue(inspected.contains("roothash=" + verity.rootHash()), inspected);
    }

    private void disk(Path release, Verity verity) throws Exception {
        Path disk = folder.resolve("disk.raw");
        CommandLine.flipsideImage().check("disk", "--release", release, "--out", disk);
        String tables = Tools.find("sgdisk").check("-v", disk);
        assertTrue(tables.contains("No problems found"), tables);
        Path esp = folder.resolve("esp.img");
        try (FileBlockDevice device = FileBlockDevice.openForReading(disk);
                FileChannel from = FileChannel.open(disk);
                FileChannel to =
                        FileChannel.open(
                                esp, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            Partition partition = DiskLayout.find(Gpt.read(device).gpt()).esp();
            from.transferTo(partition.offsetBytes(512), partition.sizeBytes(512), to);
        }
        Tools.find("fsck.vfat").check("-n", esp);
        Tools.find("systemd-dissect").check("--validate", "--root-hash=" + verity.rootHash(), disk);
    }
}
