package dev.flipside.builder.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.disk.TestingRelease;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.release.ReleaseManifest.Artifact.Role;
import dev.flipside.release.ReleaseManifest.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseVerificationTest {
    @TempDir static Path shared;
    private static Path whole;

    @TempDir Path folder;

    @BeforeAll
    static void build() throws Exception {
        whole = TestingRelease.build(shared, "1", Usage.ROOT);
    }

    private static List<Check> verify(Path release) throws Exception {
        List<Check> checks = new ArrayList<>();
        Optional<Failure> first =
                ReleaseVerification.run(
                        ReleaseFolder.open(release),
                        TrustedCertificates.none(),
                        TestingRelease.QUIET,
                        checks::add);
        assertEquals(TestingDamage.failures(checks).isEmpty(), first.isEmpty(), checks.toString());
        return checks;
    }

    private Path damaged(String file, long offset) throws Exception {
        Path release = TestingDamage.copy(whole, folder.resolve("release"));
        TestingDamage.flip(release.resolve(file), offset);
        return release;
    }

    private Map<String, FailureCode> afterFlip(Role role, String file, long offset)
            throws Exception {
        Path release = damaged(file, offset);
        TestingDamage.pinAnew(release, role);
        return TestingDamage.failures(verify(release));
    }

    private static long middle(String file) throws Exception {
        return Files.size(whole.resolve(file)) / 2;
    }

    @Test
    void findsNothingWrongWithAReleaseThatWasJustBuilt() throws Exception {
        List<Check> checks = verify(whole);
        assertEquals(Map.of(), TestingDamage.failures(checks));
        List<String> names = checks.stream().map(Check::name).toList();
        assertTrue(
                names.containsAll(
                        List.of(
                                "root.img",
                                "root.verity",
                                "blocks.pack",
                                "blocks.index",
                                "superblock of the hash tree",
                                "hash tree",
                                "file system",
                                "block pack",
                                "UKI")),
                names.toString());
    }

    @Test
    void findsAFlippedByteOfTheImageByDigestAndByBlock() throws Exception {
        Map<String, FailureCode> failures =
                TestingDamage.failures(verify(damaged("root.img", middle("root.img"))));
        assertEquals(FailureCode.DIGEST_MISMATCH, failures.get("root.img"));
        assertEquals(FailureCode.BLOCK_MISMATCH, failures.get("hash tree"));
    }

    @Test
    void findsAnotherImageUnderANewDigest() throws Exception {
        Map<String, FailureCode> failures = afterFlip(Role.IMAGE, "root.img", middle("root.img"));
        assertEquals(FailureCode.BLOCK_MISMATCH, failures.get("hash tree"));
        assertTrue(!failures.containsKey("root.img"), failures.toString());
    }

    @Test
    void findsADamagedFileSystemUnderANewDigest() throws Exception {
        assertEquals(
                FailureCode.EROFS_MALFORMED,
                afterFlip(Role.IMAGE, "root.img", 1024).get("file system"));
    }

    @Test
    void findsAnotherTreeUnderANewDigest() throws Exception {
        long lastLeaf = Files.size(whole.resolve("root.verity")) - 4096;
        assertEquals(
                FailureCode.BLOCK_MISMATCH,
                afterFlip(Role.TREE, "root.verity", lastLeaf).get("hash tree"));
    }

    @Test
    void findsAnotherUpperLevelOfTheTreeUnderANewDigest() throws Exception {
        assertEquals(
                FailureCode.VERITY_MALFORMED,
                afterFlip(Role.TREE, "root.verity", 4096).get("hash tree"));
    }

    @Test
    void findsAnotherSuperblockUnderANewDigest() throws Exception {
        assertEquals(
                FailureCode.VERITY_MALFORMED,
                afterFlip(Role.TREE, "root.verity", 16).get("superblock of the hash tree"));
    }

    @Test
    void findsAnotherPackUnderANewDigest() throws Exception {
        assertEquals(
                FailureCode.PACK_MALFORMED,
                afterFlip(Role.PACK, "blocks.pack", middle("blocks.pack")).get("block pack"));
    }

    @Test
    void findsAnotherIndexUnderANewDigest() throws Exception {
        assertEquals(
                FailureCode.PACK_MALFORMED,
                afterFlip(Role.INDEX, "blocks.index", 24).get("block pack"));
    }

    @Test
    void findsAUkiThatOpensAnotherImage() throws Exception {
        byte[] uki = Files.readAllBytes(whole.resolve("host_1.efi"));
        String text = new String(uki, java.nio.charset.StandardCharsets.ISO_8859_1);
        int digit = text.indexOf("roothash=") + "roothash=".length();
        assertEquals(
                FailureCode.UKI_MALFORMED, afterFlip(Role.UKI, "host_1.efi", digit).get("UKI"));
    }

    @Test
    void findsAKernelThatIsNotTheImages() throws Exception {
        Map<String, FailureCode> failures =
                afterFlip(Role.UKI, "host_1.efi", Files.size(whole.resolve("host_1.efi")) - 600);
        assertEquals(FailureCode.UKI_MALFORMED, failures.get("UKI's parts in the image"));
    }

    @Test
    void findsASbomOrAProvenanceOfAnotherImage() throws Exception {
        Map<Role, String> names =
                Map.of(
                        Role.SPDX, "SPDX",
                        Role.CYCLONEDX, "CycloneDX",
                        Role.PROVENANCE, "provenance");
        for (Map.Entry<Role, String> one : names.entrySet()) {
            Path release = TestingDamage.copy(whole, folder.resolve("release-" + one.getValue()));
            ReleaseFolder opened = ReleaseFolder.open(release);
            Path file = release.resolve(opened.artifact(one.getKey()).name());
            String image = opened.artifact(Role.IMAGE).sha256();
            String text = Files.readString(file);
            assertTrue(text.contains(image), file + " names the image");
            Files.writeString(file, text.replace(image, "0".repeat(64)));
            TestingDamage.pinAnew(release, one.getKey());
            Map<String, FailureCode> failures = TestingDamage.failures(verify(release));
            assertEquals(FailureCode.METADATA_MISMATCH, failures.get(one.getValue()));
        }
    }

    @Test
    void saysWhichFileIsMissingOrShort() throws Exception {
        Path release = TestingDamage.copy(whole, folder.resolve("release"));
        Files.delete(release.resolve("blocks.index"));
        Files.write(release.resolve("root.verity"), new byte[1]);
        assertEquals(
                Map.of(
                        "blocks.index",
                        FailureCode.INPUT_MISSING,
                        "root.verity",
                        FailureCode.DIGEST_MISMATCH),
                TestingDamage.failures(verify(release)));
    }
}
