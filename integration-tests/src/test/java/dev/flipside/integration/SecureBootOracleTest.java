package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureGroup;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * sbverify, OpenSSL, efitools and systemd judge what Secure Boot and dm-verity signatures we write,
 * around Debian's stub and loader.
 */
class SecureBootOracleTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final int ESP_OFFSET_MIB = 1;
    private static final int FAILED = FailureGroup.UNTRUSTED_IMAGE.exitCode();

    @TempDir static Path folder;

    @BeforeAll
    static void buildADiskWithEverySignature() throws Exception {
        DebianBootFiles.take(folder);
        for (String name : List.of("PK", "KEK", "db", "verity")) {
            IMAGE.check("key", "generate", "--algorithm", "rsa-3072", "--out", at(name));
            certificate(name, List.of());
        }
        build("release");
        disk("disk.raw", "release");
    }

    @Test
    void sbverifyAcceptsUkiAndLoaderWithOurCertificateAlone() throws Exception {
        Tools.Tool sbverify = Tools.find("sbverify");
        for (Path binary : List.of(at("release/small_1.efi"), loader())) {
            String said = sbverify.check("--cert", at("db.crt.pem"), binary);
            assertTrue(said.contains("Signature verification OK"), said);
            assertNotEquals(0, sbverify.run("--cert", at("KEK.crt.pem"), binary).exitCode());
        }
        byte[] uki = Files.readAllBytes(at("release/small_1.efi"));
        uki[uki.length / 2] ^= 1;
        Files.write(at("changed.efi"), uki);
        assertNotEquals(0, sbverify.run("--cert", at("db.crt.pem"), at("changed.efi")).exitCode());
    }

    @Test
    void ukifyReadsTheSignedUki() throws Exception {
        String inspected = Tools.find("ukify").check("inspect", at("release/small_1.efi"));
        assertTrue(inspected.contains("roothash="), inspected);
    }

    @Test
    void theSameInputGivesTheSameSignatures() throws Exception {
        build("again");
        for (String name : Workbench.names(at("release"))) {
            assertEquals(
                    -1,
                    Files.mismatch(at("release").resolve(name), at("again").resolve(name)),
                    name);
        }
        disk("again.raw", "again");
        assertEquals(-1, Files.mismatch(at("disk.raw"), at("again.raw")));
    }

    @Test
    void opensslVerifiesTheSignatureOfTheRootHash() throws Exception {
        byte[] partition = Files.readAllBytes(at("release/root.verity-sig"));
        assertEquals(0, partition.length % 4096);
        String text = new String(partition, StandardCharsets.UTF_8).replaceFirst("\0+$", "");
        ObjectNode json = Workbench.parse(text);
        ObjectNode manifest = Workbench.parse(Files.readString(at("release/release.json")));
        assertEquals(manifest.at("/verity/rootHash").asText(), json.path("rootHash").asText());
        Path signature =
                Files.write(
                        at("root.p7s"),
                        Base64.getDecoder().decode(json.path("signature").asText()));
        Path hash = Files.writeString(at("root.hash"), json.path("rootHash").asText());
        Tools.Tool openssl = Tools.find("openssl");
        openssl.check(VariableOracle.cmsVerify(signature, hash, at("verity.crt.pem")));
        assertNotEquals(
                0,
                openssl.run(VariableOracle.cmsVerify(signature, hash, at("db.crt.pem")))
                        .exitCode());
        Path other = Files.writeString(at("other.hash"), "0".repeat(64));
        assertNotEquals(
                0,
                openssl.run(VariableOracle.cmsVerify(signature, other, at("verity.crt.pem")))
                        .exitCode());
        String fingerprint =
                openssl.check(
                        "x509", "-in", at("verity.crt.pem"), "-noout", "-fingerprint", "-sha256");
        assertTrue(
                fingerprint
                        .replace(":", "")
                        .strip()
                        .toLowerCase(java.util.Locale.ROOT)
                        .endsWith(json.path("certificateFingerprint").asText()),
                fingerprint);
    }

    @Test
    void systemdFindsTheSignaturePartition() throws Exception {
        Tools.Tool dissect = Tools.find("systemd-dissect");
        dissect.check(
                "--validate",
                "--image-policy=root=signed:root-verity=unprotected:root-verity-sig=unprotected:esp=unprotected:=unused+absent",
                at("disk.raw"));
        String table = Tools.find("sgdisk").check("-i", "4", at("disk.raw"));
        assertTrue(table.contains("41092B05-9FC8-4523-994F-2DEF0408B176"), table);
        assertTrue(table.contains("small_1"), table);
    }

    @Test
    void efitoolsReadTheListsAndOpensslVerifiesTheVariables() throws Exception {
        VariableOracle oracle = new VariableOracle(folder, esp());
        oracle.check("PK", "8be4df61-93ca-11d2-aa0d-00e098032b8c", "PK");
        oracle.check("KEK", "8be4df61-93ca-11d2-aa0d-00e098032b8c", "PK");
        oracle.check("db", "d719b2cb-3d3a-4596-a3bc-dad00e67656f", "KEK");
    }

    @Test
    void verifyBelievesOurCertificatesAlone() throws Exception {
        for (Path whole : List.of(at("release"), at("disk.raw"))) {
            verify(whole, "db", "verity", 0);
            List<String> failed = verify(whole, "verity", "db", FAILED);
            assertEquals(whole.equals(at("release")) ? 2 : 4, failed.size(), failed.toString());
        }
        String unasked = IMAGE.check("verify", at("disk.raw"));
        assertEquals(4, unasked.lines().filter(line -> line.contains("-cert")).count(), unasked);
    }

    @Test
    void verifyFindsAChangedByteOfEachSignedThingOnADisk() throws Exception {
        Path disk = Files.copy(at("disk.raw"), at("broken.raw"));
        byte[] loader = Files.readAllBytes(loader());
        loader[loader.length / 3] ^= 1;
        Files.write(at("broken.efi"), loader);
        Tools.find("mcopy")
                .check("-o", "-i", disk + "@@1M", at("broken.efi"), "::/EFI/BOOT/BOOTX64.EFI");
        String table = Tools.find("sgdisk").check("-i", "4", disk);
        long sector = Long.parseLong(table.replaceFirst("(?s).*First sector: ([0-9]+) .*", "$1"));
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.seek(sector * 512 + 20);
            int old = file.read();
            file.seek(sector * 512 + 20);
            file.write(old ^ 1);
        }
        assertEquals(
                List.of(
                        "slot A, signature of the root hash",
                        "Secure Boot signature of EFI/BOOT/BOOTX64.EFI"),
                verify(disk, "db", "verity", FAILED));
    }

    @Test
    void verifyFindsAChangedByteOfTheUki() throws Exception {
        Path release = Files.createDirectory(at("broken"));
        for (String name : Workbench.names(at("release"))) {
            Files.copy(at("release").resolve(name), release.resolve(name));
        }
        byte[] uki = Files.readAllBytes(release.resolve("small_1.efi"));
        uki[uki.length / 2] ^= 1;
        Files.write(release.resolve("small_1.efi"), uki);
        List<String> failed = verify(release, "db", "verity", FAILED);
        assertTrue(failed.contains("small_1.efi"), failed.toString());
        assertTrue(failed.contains("Secure Boot signature of the UKI"), failed.toString());
    }

    /** What failed. */
    private static List<String> verify(Path path, String secureBoot, String verity, int exitCode)
            throws IOException {
        CommandLine.Outcome outcome =
                IMAGE.run(
                        "verify",
                        path,
                        "--secure-boot-cert",
                        at(secureBoot + ".crt.pem"),
                        "--verity-cert",
                        at(verity + ".crt.pem"));
        assertEquals(exitCode, outcome.exitCode(), outcome::toString);
        return outcome.out()
                .lines()
                .filter(line -> line.startsWith("FAILED  "))
                .map(line -> line.substring("FAILED  ".length()).split(": ", 2)[0])
                .toList();
    }

    private static Path loader() throws IOException {
        Path copy = at("loader.efi");
        if (!Files.exists(copy)) {
            Tools.find("mcopy").check("-n", "-i", esp(), "::/EFI/BOOT/BOOTX64.EFI", copy);
        }
        return copy;
    }

    private static String esp() {
        return at("disk.raw") + "@@" + ESP_OFFSET_MIB + "M";
    }

    private static void build(String out) throws IOException {
        IMAGE.check(
                buildLine(
                        out,
                        List.of(
                                "--secure-boot-key",
                                at("db.key.pem"),
                                "--secure-boot-cert",
                                at("db.crt.pem"),
                                "--verity-key",
                                at("verity.key.pem"),
                                "--verity-cert",
                                at("verity.crt.pem"))));
    }

    private static Object[] buildLine(String out, List<Object> more) throws IOException {
        List<Object> line =
                new ArrayList<>(
                        List.of(
                                "build",
                                "--rootfs",
                                root(),
                                "--product",
                                "small",
                                "--version",
                                "1"));
        line.addAll(List.of("--stub", at("linuxx64.efi.stub"), "--out", at(out)));
        line.addAll(more);
        return line.toArray();
    }

    private static Path root() throws IOException {
        Path tar = at("root.tar");
        return Files.exists(tar) ? tar : SmallRoot.of("1").writeTar(tar);
    }

    private static void disk(String name, String release) throws IOException {
        IMAGE.check(
                "disk",
                "--release",
                at(release),
                "--out",
                at(name),
                "--size",
                "256MiB",
                "--slot-size",
                "16MiB",
                "--esp-size",
                "64MiB",
                "--loader",
                at("systemd-bootx64.efi"),
                "--secure-boot-key",
                at("db.key.pem"),
                "--secure-boot-cert",
                at("db.crt.pem"),
                "--enroll-keys",
                folder);
    }

    private static void certificate(String name, List<Object> more) throws IOException {
        List<Object> line =
                new ArrayList<>(List.of("key", "certificate", "--key", at(name + ".key.pem")));
        line.addAll(List.of("--name", name, "--out", at(name + ".crt.pem")));
        line.addAll(more);
        IMAGE.check(line.toArray());
    }

    private static Path at(String name) {
        return folder.resolve(name);
    }
}
