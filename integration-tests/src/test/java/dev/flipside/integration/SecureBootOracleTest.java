package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * sbverify, OpenSSL, efitools and systemd judge what Secure Boot and dm-verity signatures we write,
 * around Debian's stub and loader.
 */
class SecureBootOracleTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final String BOOT_FILES = "./usr/lib/systemd/boot/efi/";
    private static final int ESP_OFFSET_MIB = 1;
    private static final int TIME_BYTES = 16;

    @TempDir static Path folder;

    @BeforeAll
    static void buildADiskWithEverySignature() throws Exception {
        takeBootFiles();
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
        openssl.check(cmsVerify(signature, hash, "verity.crt.pem"));
        assertNotEquals(0, openssl.run(cmsVerify(signature, hash, "db.crt.pem")).exitCode());
        Path other = Files.writeString(at("other.hash"), "0".repeat(64));
        assertNotEquals(0, openssl.run(cmsVerify(signature, other, "verity.crt.pem")).exitCode());
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
        checkVariable("PK", "8be4df61-93ca-11d2-aa0d-00e098032b8c", "PK");
        checkVariable("KEK", "8be4df61-93ca-11d2-aa0d-00e098032b8c", "PK");
        checkVariable("db", "d719b2cb-3d3a-4596-a3bc-dad00e67656f", "KEK");
    }

    @Test
    void refusesCertificatesThatAreExpiredMismatchedOrNone() throws Exception {
        Map<String, String> longAgo = Map.of("SOURCE_DATE_EPOCH", "946684800");
        IMAGE.under(List.of(), longAgo)
                .check(
                        "key",
                        "certificate",
                        "--key",
                        at("db.key.pem"),
                        "--name",
                        "old",
                        "--days",
                        "1",
                        "--out",
                        at("old.pem"));
        assertTrue(refusesCertificate("old.pem").contains("2000-01-02"));
        assertTrue(refusesCertificate("KEK.crt.pem").contains("another key"));
        Files.writeString(at("none.pem"), "hello");
        refusesCertificate("none.pem");
        IMAGE.refuses(
                FailureCode.ARGUMENT_INVALID,
                buildLine("no", List.of("--secure-boot-key", at("db.key.pem"))));
        IMAGE.check("key", "generate", "--algorithm", "ed25519", "--out", at("ed"));
        certificate("ed", List.of());
        IMAGE.refuses(
                FailureCode.KEY_INVALID,
                buildLine(
                        "no",
                        List.of(
                                "--verity-key",
                                at("ed.key.pem"),
                                "--verity-cert",
                                at("ed.crt.pem"))));
        assertFalse(Files.exists(at("no")));
    }

    private static String refusesCertificate(String file) throws IOException {
        return IMAGE.refuses(
                FailureCode.CERTIFICATE_INVALID,
                buildLine(
                        "no",
                        List.of(
                                "--secure-boot-key",
                                at("db.key.pem"),
                                "--secure-boot-cert",
                                at(file))));
    }

    /** The file is a time, a header of 24 bytes with its length, SignedData, and the lists. */
    private static void checkVariable(String name, String vendor, String signer) throws Exception {
        Path auth = at(name + ".auth");
        Tools.find("mcopy").check("-n", "-i", esp(), "::/loader/keys/auto/" + name + ".auth", auth);
        byte[] file = Files.readAllBytes(auth);
        int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(TIME_BYTES);
        byte[] signedData = Arrays.copyOfRange(file, TIME_BYTES + 24, TIME_BYTES + length);
        byte[] lists = Arrays.copyOfRange(file, TIME_BYTES + length, file.length);
        Path list = Files.write(at(name + ".esl"), lists);
        Tools.find("sig-list-to-certs").check(list, at(name + ".out"));
        Tools.find("openssl")
                .check(
                        "x509",
                        "-in",
                        at(name + ".crt.pem"),
                        "-outform",
                        "DER",
                        "-out",
                        at("c.der"));
        assertEquals(-1, Files.mismatch(at("c.der"), at(name + ".out-0.der")));

        byte[] time = Arrays.copyOf(file, TIME_BYTES);
        Path content = Files.write(at(name + ".content"), content(name, vendor, time, lists));
        Path cms = Files.write(at(name + ".p7"), contentInfo(signedData));
        Tools.find("openssl").check(cmsVerify(cms, content, signer + ".crt.pem"));
        // efitools, given the same time and owner, sign the same bytes.
        assertEquals(
                signedContentOf("sign-efi-sig-list", name, signer, list, time),
                java.util.HexFormat.of().formatHex(Files.readAllBytes(content)));
    }

    /** What sign-efi-sig-list would sign: its -o prints that instead of signing. */
    private static String signedContentOf(
            String tool, String name, String signer, Path list, byte[] time) throws Exception {
        ByteBuffer stamp = ByteBuffer.wrap(time).order(ByteOrder.LITTLE_ENDIAN);
        String when =
                "%04d-%02d-%02d %02d:%02d:%02d"
                        .formatted(
                                stamp.getShort(0),
                                stamp.get(2),
                                stamp.get(3),
                                stamp.get(4),
                                stamp.get(5),
                                stamp.get(6));
        Path out = at(name + ".tosign");
        Tools.find(tool)
                .check(
                        "-o",
                        "-t",
                        when,
                        "-c",
                        at(signer + ".crt.pem"),
                        "-k",
                        at(signer + ".key.pem"),
                        name,
                        list,
                        out);
        return java.util.HexFormat.of().formatHex(Files.readAllBytes(out));
    }

    private static byte[] content(String name, String vendor, byte[] time, byte[] lists) {
        byte[] utf16 = name.getBytes(StandardCharsets.UTF_16LE);
        byte[] bytes = new byte[utf16.length + 16 + 4 + time.length + lists.length];
        ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        java.util.UUID guid = java.util.UUID.fromString(vendor);
        long high = guid.getMostSignificantBits();
        content.put(utf16)
                .putInt((int) (high >>> 32))
                .putShort((short) (high >>> 16))
                .putShort((short) high)
                .putLong(Long.reverseBytes(guid.getLeastSignificantBits()));
        content.putInt(0x27).put(time).put(lists);
        return bytes;
    }

    /** SEQUENCE { OBJECT IDENTIFIER signedData, [0] { SignedData } }, as openssl asks for. */
    private static byte[] contentInfo(byte[] signedData) {
        byte[] oid = java.util.HexFormat.of().parseHex("06092a864886f70d010702");
        byte[] bytes = new byte[signedData.length + oid.length + 8];
        ByteBuffer.wrap(bytes)
                .put((byte) 0x30)
                .put((byte) 0x82)
                .putShort((short) (signedData.length + oid.length + 4))
                .put(oid)
                .put((byte) 0xa0)
                .put((byte) 0x82)
                .putShort((short) signedData.length)
                .put(signedData);
        return bytes;
    }

    private static Object[] cmsVerify(Path signature, Path content, String certificate) {
        return new Object[] {
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            signature,
            "-content",
            content,
            "-certfile",
            at(certificate),
            "-nointern",
            "-CAfile",
            at(certificate),
            "-purpose",
            "any",
            "-out",
            "/dev/null"
        };
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

    private static void takeBootFiles() throws IOException {
        Set<String> missing = new TreeSet<>(Set.of("linuxx64.efi.stub", "systemd-bootx64.efi"));
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(
                        Files.newInputStream(Tools.cachePath().resolve("roots/base.tar")))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null && !missing.isEmpty();
                    entry = tar.getNextEntry()) {
                String name = entry.getName();
                if (name.startsWith(BOOT_FILES)
                        && missing.remove(name.substring(BOOT_FILES.length()))) {
                    Files.copy(tar, at(name.substring(BOOT_FILES.length())));
                }
            }
        }
        assertTrue(missing.isEmpty(), "not in the root: " + missing);
    }

    private static Path at(String name) {
        return folder.resolve(name);
    }
}
