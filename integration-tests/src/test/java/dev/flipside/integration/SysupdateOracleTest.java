package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifestJson;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * systemd-sysupdate takes a published release from a real server and installs it; gpgv judges the
 * signature. Needs root, for a loop device.
 */
class SysupdateOracleTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();

    @TempDir Path folder;

    private Workbench bench;

    @BeforeEach
    void open() throws Exception {
        bench = Workbench.open(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "ecdsa-p256", "rsa-3072"})
    void gpgvVerifiesTheSumsWithTheKeyringThatIsBesideThem(String algorithm) throws Exception {
        bench.build("1", SmallRoot.of("1"));
        Path published = publish("1", key(algorithm), "http://127.0.0.1");
        Tools.Tool gpgv = Tools.find("gpgv");
        Path sums = published.resolve("SHA256SUMS");
        Object[] line = {
            "--keyring", keyring(published), published.resolve("SHA256SUMS.gpg"), sums
        };
        String verified = gpgv.check(line);
        assertTrue(verified.contains("Good signature"), verified);
        Files.writeString(sums, Files.readString(sums).replaceFirst("[0-9]", "x"));
        assertNotEquals(0, gpgv.run(line).exitCode());
    }

    @Test
    void systemdSysupdateInstallsTheOtherReleaseOntoALoopDevice() throws Exception {
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        Path disk = bench.disk("1", "24MiB");
        Path key = key("ed25519");
        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"))) {
            publish("1", key, server.uri().toString());
            Path published = publish("2", key, server.uri().toString());
            try (LoopDevice loop = new LoopDevice(disk, 512)) {
                Path definitions = definitions(published, loop.path());
                Sysupdate sysupdate = new Sysupdate(folder, keyring(published), definitions);
                String listed = sysupdate.check("list");
                assertTrue(listed.contains("candidate"), listed);
                sysupdate.check("update");
            }
            assertHolds(disk, SlotName.A, "1");
            assertHolds(disk, SlotName.B, "2");
            try (Stream<Path> ukis = Files.list(folder.resolve("boot/EFI/Linux"))) {
                assertEquals(
                        List.of("small_2+3-0.efi"),
                        ukis.map(uki -> uki.getFileName().toString()).toList());
            }
            assertTrue(Tools.find("sgdisk").check("-v", disk).contains("No problems found"));
        }
    }

    @Test
    void systemdSysupdateRefusesSumsThatSomebodyElseSigned() throws Exception {
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        Path disk = bench.disk("1", "24MiB");
        byte[] before = Files.readAllBytes(disk);
        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"))) {
            Path published = publish("1", key("ed25519"), server.uri().toString());
            Path trusted = folder.resolve("trusted.gpg");
            Files.copy(keyring(published), trusted);
            publish("2", key("ecdsa-p256"), server.uri().toString());
            try (LoopDevice loop = new LoopDevice(disk, 512)) {
                Path definitions = definitions(published, loop.path());
                Tools.Result refused = new Sysupdate(folder, trusted, definitions).run("update");
                assertNotEquals(0, refused.exitCode(), refused.output());
            }
        }
        assertArrayEquals(before, Files.readAllBytes(disk));
    }

    private void assertHolds(Path disk, SlotName name, String version) throws Exception {
        Path release = bench.release(version);
        ReleaseManifest manifest =
                ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
        try (FileBlockDevice device = FileBlockDevice.openForReading(disk, 512)) {
            Slot slot = DiskLayout.find(Gpt.read(device).gpt()).slot(name);
            assertEquals(
                    SlotIdentity.of(manifest.verity().rootHashBytes(), "small", version),
                    slot.identity());
            for (var file :
                    Map.of(slot.data(), "root.img", slot.hash(), "root.verity").entrySet()) {
                assertHolds(device, file.getKey(), release.resolve(file.getValue()));
                assertEquals(Partition.READ_ONLY, file.getKey().attributes());
            }
        }
    }

    private static void assertHolds(FileBlockDevice device, Partition partition, Path file)
            throws Exception {
        byte[] expected = Files.readAllBytes(file);
        ByteBuffer found = ByteBuffer.allocate(expected.length);
        device.read(found, partition.offsetBytes(512));
        assertArrayEquals(expected, found.array(), file.toString());
    }

    /** The published definitions, for this disk and this folder instead of the host's own. */
    private Path definitions(Path published, Path disk) throws Exception {
        Path definitions = Files.createDirectory(folder.resolve("definitions"));
        try (Stream<Path> files = Files.list(published.resolve("sysupdate.d"))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".transfer")).toList()) {
                Files.writeString(
                        definitions.resolve(file.getFileName()),
                        Files.readString(file)
                                .replace("Path=auto", "Path=" + disk)
                                .replace("Path=/EFI", "Path=/home/boot/EFI")
                                .replace("PathRelativeTo=boot\n", ""));
            }
        }
        return definitions;
    }

    private static Path keyring(Path published) {
        return published.resolve("sysupdate.d/import-pubring.gpg");
    }

    private Path publish(String version, Path key, String url) throws Exception {
        IMAGE.check(
                "repo",
                "publish",
                "--repo",
                bench.repository(),
                "--keys",
                bench.keys(),
                "--release",
                bench.release(version),
                "--sysupdate",
                "--sysupdate-url",
                url,
                "--sysupdate-key",
                key);
        return bench.repository().resolve("sysupdate/small/x86-64");
    }

    private Path key(String algorithm) throws Exception {
        Path name = folder.resolve("gpg-" + algorithm);
        IMAGE.check("key", "generate", "--algorithm", algorithm, "--out", name);
        return folder.resolve("gpg-" + algorithm + ".key.pem");
    }
}
