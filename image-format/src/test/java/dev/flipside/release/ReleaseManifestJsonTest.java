package dev.flipside.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReleaseManifestJsonTest {
    private static final ReleaseManifest MANIFEST =
            new ReleaseManifest(
                    "edge",
                    "2026.10.1",
                    Architecture.X86_64,
                    3,
                    Instant.parse("2026-10-31T12:00:00Z"),
                    new ReleaseManifest.Verity(
                            ReleaseManifest.Usage.ROOT,
                            "00ff",
                            "01234567-89ab-8def-8123-456789abcdef",
                            "ab".repeat(32),
                            129),
                    List.of(
                            artifact(Artifact.Role.IMAGE, "root.img", 129 * 4096),
                            artifact(Artifact.Role.TREE, "root.verity", 4 * 4096),
                            new Artifact(
                                    Artifact.Role.UKI,
                                    "edge_2026.10.1.efi",
                                    5_000_000_000L,
                                    "cd".repeat(32),
                                    List.of(
                                            new ImagePart(512, 8192, 1000),
                                            new ImagePart(1512, 0, 129 * 4096))),
                            artifact(Artifact.Role.PACK, "blocks.pack", 1234),
                            artifact(Artifact.Role.INDEX, "blocks.index", 99),
                            artifact(Artifact.Role.SPDX, "sbom.spdx.json", 77)),
                    129 * 4096,
                    4 * 4096,
                    1);

    private static Artifact artifact(Artifact.Role role, String name, long sizeBytes) {
        return new Artifact(role, name, sizeBytes, "cd".repeat(32));
    }

    private static FlipsideException refusal(Consumer<ObjectNode> change) throws Exception {
        ObjectNode root =
                StrictJson.parse(
                        ReleaseManifestJson.write(MANIFEST),
                        "test",
                        FailureCode.MANIFEST_MALFORMED);
        change.accept(root);
        return assertThrows(
                FlipsideException.class, () -> ReleaseManifestJson.parse(StrictJson.pretty(root)));
    }

    @Test
    void readsWhatItWrites() throws Exception {
        byte[] bytes = ReleaseManifestJson.write(MANIFEST);
        assertEquals(MANIFEST, ReleaseManifestJson.parse(bytes));
        assertArrayEquals(bytes, ReleaseManifestJson.write(ReleaseManifestJson.parse(bytes)));
    }

    @Test
    void ignoresFieldsThatItDoesNotKnow() throws Exception {
        ObjectNode root =
                StrictJson.parse(
                        ReleaseManifestJson.write(MANIFEST),
                        "test",
                        FailureCode.MANIFEST_MALFORMED);
        root.put("colour", "green").putObject("deltas").put("from", "1");
        ((ObjectNode) root.get("artifacts")).putObject("sbom").put("name", "sbom.spdx.json");
        ((ObjectNode) root.get("needs")).put("loader", 257);
        assertEquals(MANIFEST, ReleaseManifestJson.parse(StrictJson.pretty(root)));
    }

    @Test
    void refusesAFormatThatItDoesNotKnowWithACodeOfItsOwn() throws Exception {
        FlipsideException refusal = refusal(root -> root.put("format", 2));
        assertEquals(FailureCode.MANIFEST_FORMAT_UNKNOWN, refusal.failure().code());
        assertTrue(refusal.getMessage().contains("expected format 1, found format 2"));
    }

    @ParameterizedTest
    @CsvSource({
        "format, 0",
        "format, 1.0",
        "format, '\"1\"'",
        "product, '\"Edge\"'",
        "product, '\"../edge\"'",
        "version, '\"\"'",
        "version, 7",
        "version, '\"1.2.3.4.5.6.7.8.9.10.11.12.13.14\"'",
        "architecture, '\"riscv\"'",
        "securityVersion, 0",
        "securityVersion, 2147483648",
        "securityVersion, 99999999999999999999",
        "created, '\"yesterday\"'",
        "created, '\"2026-10-31T12:00:00+02:00\"'",
        "created, '\"1969-12-31T23:59:59Z\"'",
        "created, '\"+10000-01-01T00:00:00Z\"'",
        "verity, []",
        "verity.usage, '\"var\"'",
        "verity.algorithm, '\"sha512\"'",
        "verity.blockSizeBytes, 512",
        "verity.salt, '\"0\"'",
        "verity.salt, '\"FF\"'",
        "verity.uuid, '\"01234567-89AB-8def-8123-456789abcdef\"'",
        "verity.rootHash, '\"abab\"'",
        "verity.dataBlocks, 0",
        "verity.dataBlocks, 130",
        "verity.dataBlocks, 4294967297",
        "artifacts.image.sizeBytes, 1",
        "artifacts.tree.sizeBytes, 1",
        "artifacts.pack.sizeBytes, 0",
        "artifacts.pack.sizeBytes, 35184372088833",
        "artifacts.pack.name, '\"../blocks.pack\"'",
        "artifacts.pack.name, '\".hidden\"'",
        "artifacts.pack.name, '\"blocks.index\"'",
        "artifacts.pack.sha256, '\"00\"'",
        "needs.slotBytes, 528383",
        "needs.treeBytes, 1",
        "needs.updaterFormat, 0",
    })
    void refusesAValueOutOfItsRange(String path, String value) throws Exception {
        byte[] wrapped = ("{\"value\":" + value + "}").getBytes(StandardCharsets.UTF_8);
        FlipsideException refusal =
                refusal(
                        root -> {
                            ObjectNode parent = root;
                            String[] names = path.split("\\.");
                            for (int i = 0; i < names.length - 1; i++) {
                                parent = (ObjectNode) parent.get(names[i]);
                            }
                            parent.set(names[names.length - 1], parse(wrapped).get("value"));
                        });
        assertEquals(FailureCode.MANIFEST_MALFORMED, refusal.failure().code());
        String field = path.substring(path.lastIndexOf('.') + 1);
        if (!path.equals("verity.dataBlocks")) {
            assertTrue(refusal.failure().what().contains("'" + field + "'"), refusal.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "offsetBytes, 0, -1",
        "offsetBytes, 1, 1511",
        "offsetBytes, 1, 5000000000",
        "imageOffsetBytes, 0, 528384",
        "imageOffsetBytes, 1, 1",
        "sizeBytes, 0, 0",
        "sizeBytes, 0, 1001",
        "sizeBytes, 1, 528385",
    })
    void refusesAPartOfTheUkiThatIsNotWithinItOrTheImageOrOverlapsAnother(
            String field, int index, long value) throws Exception {
        FlipsideException refusal =
                refusal(
                        root -> {
                            ObjectNode uki = (ObjectNode) root.get("artifacts").get("uki");
                            ObjectNode part = (ObjectNode) uki.get("fromImage").get(index);
                            part.put(field, value);
                        });
        assertEquals(FailureCode.MANIFEST_MALFORMED, refusal.failure().code());
    }

    @Test
    void refusesMorePartsOfTheUkiThanAnyOneHas() throws Exception {
        FlipsideException refusal =
                refusal(
                        root -> {
                            ArrayNode parts =
                                    ((ObjectNode) root.get("artifacts").get("uki"))
                                            .putArray("fromImage");
                            for (int i = 0; i < 65; i++) {
                                parts.addObject()
                                        .put("offsetBytes", i)
                                        .put("imageOffsetBytes", i)
                                        .put("sizeBytes", 1);
                            }
                        });
        assertEquals(FailureCode.MANIFEST_MALFORMED, refusal.failure().code());
    }

    private static ObjectNode parse(byte[] bytes) {
        try {
            return StrictJson.parse(bytes, "test", FailureCode.MANIFEST_MALFORMED);
        } catch (FlipsideException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void refusesAManifestWithoutAnyOfItsFields() throws Exception {
        ObjectNode complete = parse(ReleaseManifestJson.write(MANIFEST));
        for (String name :
                List.copyOf(complete.properties().stream().map(e -> e.getKey()).toList())) {
            FlipsideException refusal = refusal(root -> root.remove(name));
            assertEquals(FailureCode.MANIFEST_MALFORMED, refusal.failure().code(), name);
        }
    }

    @Test
    void hasEveryArtifactThatAHostNeeds() throws Exception {
        for (Artifact.Role role : Artifact.Role.values()) {
            if (role.required()) {
                FlipsideException refusal =
                        refusal(root -> ((ObjectNode) root.get("artifacts")).remove(role.code()));
                assertEquals(FailureCode.MANIFEST_MALFORMED, refusal.failure().code(), role.code());
            }
        }
    }

    @Test
    void doesWithoutAnArtifactThatAHostDoesNotNeed() throws Exception {
        ObjectNode root =
                StrictJson.parse(
                        ReleaseManifestJson.write(MANIFEST),
                        "test",
                        FailureCode.MANIFEST_MALFORMED);
        ((ObjectNode) root.get("artifacts")).remove("spdx");
        ReleaseManifest read = ReleaseManifestJson.parse(StrictJson.pretty(root));
        assertEquals(5, read.artifacts().size());
    }

    @Test
    void refusesWhatIsTooLarge() {
        FlipsideException refusal =
                assertThrows(
                        FlipsideException.class,
                        () -> ReleaseManifestJson.parse(new byte[(1 << 20) + 1]));
        assertEquals(FailureCode.MANIFEST_MALFORMED, refusal.failure().code());
    }

    @Test
    void throwsNothingElseWhateverTheBytes() {
        long seed = 11;
        Random random = new Random(seed);
        byte[] good = ReleaseManifestJson.write(MANIFEST);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = good.clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) (32 + random.nextInt(96));
            }
            try {
                ReleaseManifestJson.parse(bytes);
            } catch (FlipsideException expected) {
                assertTrue(
                        expected.failure().code() == FailureCode.MANIFEST_MALFORMED
                                || expected.failure().code() == FailureCode.MANIFEST_FORMAT_UNKNOWN,
                        "seed " + seed + " round " + i + ": " + expected.getMessage());
            }
        }
    }
}
