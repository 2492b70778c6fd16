package dev.flipside.tuf;

import static dev.flipside.tuf.Refusals.assertRefused;
import static dev.flipside.tuf.TestMetadata.edited;
import static dev.flipside.tuf.TestMetadata.resigned;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attacks on one metadata file: on its form, and on the counting of its signatures. */
final class SignedMetadataTest {
    private static final TestSigner SIGNER = TestSigner.number(40);
    private static final TestSigner SECOND = TestSigner.number(41);
    private static final TestSigner STRANGER = TestSigner.number(99);

    private final TestMetadata honest = new TestMetadata();

    private void check(byte[] timestamp) throws FlipsideException {
        SignedMetadata.timestamp(timestamp).checkSignedBy(honest.root(), Role.TIMESTAMP);
    }

    private byte[] timestampSignedBy(TestSigner... signers) {
        return resigned(honest.timestampFile(), signed -> {}, signers);
    }

    private void trust(int threshold, TestSigner... signers) {
        honest.signers.put(Role.TIMESTAMP, List.of(signers));
        honest.thresholds.put(Role.TIMESTAMP, threshold);
    }

    @Test
    void readsWhatItWrote() throws FlipsideException {
        assertEquals(
                honest.root().json(), SignedMetadata.root(honest.rootFile()).metadata().json());
        assertArrayEquals(honest.timestampFile(), honest.timestampFile());
        check(honest.timestampFile());
    }

    @Test
    void refusesTooFewSignatures() {
        trust(2, SIGNER, SECOND);
        Failure failure =
                assertRefused(
                        FailureCode.SIGNATURES_TOO_FEW,
                        () -> check(timestampSignedBy(SIGNER, STRANGER)));
        assertEquals("1", failure.found());
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> check(timestampSignedBy()));
    }

    @Test
    void acceptsAThresholdOfDistinctKeysWhateverElseSigned() throws FlipsideException {
        trust(2, SIGNER, SECOND);
        check(timestampSignedBy(STRANGER, SECOND, SIGNER));
    }

    @Test
    void refusesAKeyIdThatSignsTwice() {
        trust(1, SIGNER);
        byte[] twice =
                edited(
                        timestampSignedBy(SIGNER),
                        file -> {
                            ArrayNode signatures = (ArrayNode) file.get("signatures");
                            signatures.add(signatures.get(0).deepCopy());
                        });
        assertRefused(FailureCode.SIGNATURE_REPEATED, () -> check(twice));
    }

    @Test
    void countsOneKeyUnderTwoIdsOnce() throws FlipsideException {
        trust(2, SIGNER);
        // The same key with another field beside it has another id, rightly computed.
        byte[] root =
                resigned(
                        honest.rootFile(),
                        signed -> {
                            ObjectNode alias = SIGNER.publicKey().json().deepCopy().put("alias", 1);
                            String aliasId = aliasId(alias);
                            ((ObjectNode) signed.get("keys")).set(aliasId, alias);
                            ArrayNode keyIds = (ArrayNode) signed.at("/roles/timestamp/keyids");
                            keyIds.add(aliasId);
                        },
                        honest.signers.get(Role.ROOT).getFirst());
        RootMetadata parsed = SignedMetadata.root(root).metadata();
        assertEquals(2, parsed.keysOf(Role.TIMESTAMP).keyIds().size());
        byte[] timestamp =
                edited(
                        timestampSignedBy(SIGNER),
                        file -> {
                            ArrayNode signatures = (ArrayNode) file.get("signatures");
                            for (String keyId : parsed.keysOf(Role.TIMESTAMP).keyIds()) {
                                if (!keyId.equals(SIGNER.keyId())) {
                                    ObjectNode copy = signatures.get(0).deepCopy();
                                    signatures.add(copy.put("keyid", keyId));
                                }
                            }
                        });
        SignedMetadata<TimestampMetadata> file = SignedMetadata.timestamp(timestamp);
        assertEquals(2, file.signerIds().size());
        Failure failure =
                assertRefused(
                        FailureCode.SIGNATURES_TOO_FEW,
                        () -> file.checkSignedBy(parsed, Role.TIMESTAMP));
        assertEquals("1", failure.found());
    }

    private static String aliasId(ObjectNode key) {
        try {
            return Digests.sha256(CanonicalJson.encode(key, "test"));
        } catch (FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void countsAKeyIdThatARoleListsTwiceOnce() throws FlipsideException {
        byte[] root =
                resigned(
                        honest.rootFile(),
                        signed -> {
                            ObjectNode role = (ObjectNode) signed.at("/roles/timestamp");
                            ((ArrayNode) role.get("keyids")).add(role.get("keyids").get(0));
                            role.put("threshold", 2);
                        },
                        honest.signers.get(Role.ROOT).getFirst());
        RootMetadata parsed = SignedMetadata.root(root).metadata();
        assertRefused(
                FailureCode.SIGNATURES_TOO_FEW,
                () ->
                        SignedMetadata.timestamp(honest.timestampFile())
                                .checkSignedBy(parsed, Role.TIMESTAMP));
    }

    @Test
    void refusesAThresholdBelowOne() {
        for (int threshold : new int[] {0, -1}) {
            byte[] root =
                    resigned(
                            honest.rootFile(),
                            signed ->
                                    ((ObjectNode) signed.at("/roles/targets"))
                                            .put("threshold", threshold),
                            honest.signers.get(Role.ROOT).getFirst());
            assertRefused(FailureCode.THRESHOLD_INVALID, () -> SignedMetadata.root(root));
        }
    }

    @Test
    void readsAThresholdThatCanNeverBeMet() throws FlipsideException {
        trust(3, SIGNER, SECOND);
        assertEquals(
                3,
                SignedMetadata.root(honest.rootFile())
                        .metadata()
                        .keysOf(Role.TIMESTAMP)
                        .threshold());
        assertRefused(
                FailureCode.SIGNATURES_TOO_FEW, () -> check(timestampSignedBy(SIGNER, SECOND)));
    }

    @Test
    void refusesAKeyUnderAnIdThatIsNotItsOwn() {
        byte[] root =
                resigned(
                        honest.rootFile(),
                        signed ->
                                ((ObjectNode) signed.get("keys"))
                                        .set("0".repeat(64), STRANGER.publicKey().json()),
                        honest.signers.get(Role.ROOT).getFirst());
        assertRefused(FailureCode.METADATA_MALFORMED, () -> SignedMetadata.root(root));
    }

    @Test
    void ignoresASignatureThatIsNone() throws FlipsideException {
        trust(1, SIGNER, SECOND);
        for (String text : new String[] {"", "zz", "0", "00".repeat(64)}) {
            check(
                    edited(
                            timestampSignedBy(SIGNER, SECOND),
                            file -> ((ObjectNode) file.at("/signatures/0")).put("sig", text)));
        }
    }

    @Test
    void refusesAnotherTypeThanTheRoleHas() {
        honest.signers.put(Role.SNAPSHOT, honest.signers.get(Role.TIMESTAMP));
        byte[] disguised =
                resigned(
                        honest.timestampFile(),
                        signed -> signed.put("_type", "snapshot"),
                        honest.signers.get(Role.TIMESTAMP).getFirst());
        assertRefused(FailureCode.METADATA_MALFORMED, () -> check(disguised));
        assertRefused(FailureCode.METADATA_MALFORMED, () -> check(honest.snapshotFile()));
    }

    @Test
    void refusesATimestampThatSpeaksOfMoreThanTheSnapshot() {
        byte[] file =
                resigned(
                        honest.timestampFile(),
                        signed ->
                                ((ObjectNode) signed.get("meta"))
                                        .putObject("targets.json")
                                        .put("version", 1),
                        honest.signers.get(Role.TIMESTAMP).getFirst());
        assertRefused(FailureCode.METADATA_MALFORMED, () -> check(file));
    }

    @Test
    void readsEveryVersionOneOfTheSpecificationAndNoOther() throws FlipsideException {
        TestSigner signer = honest.signers.get(Role.TIMESTAMP).getFirst();
        for (String known : new String[] {"1.0", "1.0.0", "1.0.34", "1.9.9"}) {
            check(
                    resigned(
                            honest.timestampFile(),
                            signed -> signed.put("spec_version", known),
                            signer));
        }
        for (String unknown : new String[] {"", "1", "2.0.0", "10.0.0", "1.0.0.0", "1.x", "1."}) {
            assertRefused(
                    FailureCode.METADATA_MALFORMED,
                    () ->
                            check(
                                    resigned(
                                            honest.timestampFile(),
                                            signed -> signed.put("spec_version", unknown),
                                            signer)));
        }
    }

    @Test
    void signsFieldsThatItDoesNotKnowAndIgnoresThem() throws FlipsideException {
        check(
                resigned(
                        honest.timestampFile(),
                        signed -> signed.putObject("custom").put("a", 1),
                        honest.signers.get(Role.TIMESTAMP).getFirst()));
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () ->
                        check(
                                edited(
                                        honest.timestampFile(),
                                        file -> ((ObjectNode) file.get("signed")).put("a", 1))));
    }

    @Test
    void refusesVersionsAndTimesOutOfRange() {
        TestSigner signer = honest.signers.get(Role.TIMESTAMP).getFirst();
        for (String field : new String[] {"version", "expires"}) {
            for (String value :
                    new String[] {
                        "0",
                        "-1",
                        "9007199254740992",
                        "99999999999999999999",
                        "\"1\"",
                        "true",
                        "null",
                        "[]",
                        "\"2026-13-01T00:00:00Z\"",
                        "\"2026-02-30T00:00:00Z\"",
                        "\"2026-01-01T00:00:00+00:00\"",
                        "\"+1000000-01-01T00:00Z\"",
                        "\"2026-01-01T24:00:00Z\""
                    }) {
                byte[] file =
                        resigned(
                                honest.timestampFile(),
                                signed -> signed.set(field, node(value)),
                                signer);
                assertRefused(FailureCode.METADATA_MALFORMED, () -> check(file));
            }
        }
    }

    private static com.fasterxml.jackson.databind.JsonNode node(String value) {
        try {
            return dev.flipside.json.StrictJson.parse(
                            ("{\"a\":" + value + "}").getBytes(StandardCharsets.UTF_8),
                            "test",
                            FailureCode.METADATA_MALFORMED)
                    .get("a");
        } catch (FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void refusesDuplicateKeys() {
        String file = new String(honest.timestampFile(), StandardCharsets.UTF_8);
        for (String twice :
                new String[] {
                    file.replace("\"version\":1}", "\"version\":1,\"version\":1}"),
                    file.replace("{\"signatures\"", "{\"signed\":{},\"signatures\"")
                }) {
            assertTrue(twice.length() > file.length());
            assertRefused(FailureCode.METADATA_AMBIGUOUS, () -> check(utf8(twice)));
        }
    }

    @Test
    void refusesDeepNestingWithoutRecursion() {
        assertRefused(
                FailureCode.METADATA_TOO_DEEP,
                () -> check(utf8("{\"signed\":" + "[".repeat(8000) + "]".repeat(8000) + "}")));
    }

    @Test
    void refusesMoreSignaturesThanAnyRoleHasKeys() {
        byte[] many =
                edited(
                        honest.targetsFile(),
                        file -> {
                            ArrayNode signatures = file.putArray("signatures");
                            for (int i = 0; i < 20_000; i++) {
                                signatures.addObject().put("keyid", "k" + i).put("sig", "00");
                            }
                        });
        assertTrue(many.length < Role.TARGETS.maxBytes(), "reaches the count, not the size");
        assertRefused(FailureCode.METADATA_OVER_LIMIT, () -> SignedMetadata.targets(many));
    }

    @Test
    void refusesAFileLargerThanItsRoleMayHave() {
        byte[] padded =
                java.util.Arrays.copyOf(honest.timestampFile(), Role.TIMESTAMP.maxBytes() + 1);
        java.util.Arrays.fill(padded, honest.timestampFile().length, padded.length, (byte) ' ');
        assertRefused(FailureCode.METADATA_MALFORMED, () -> check(padded));
    }

    @Test
    void refusesWhatIsNoMetadataAtAll() {
        for (String text :
                new String[] {
                    "",
                    " ",
                    "null",
                    "[]",
                    "{}",
                    "{\"signed\":{}}",
                    "{\"signed\":1,\"signatures\":[]}",
                    "{\"signed\":{},\"signatures\":[]} {}",
                    "<html>"
                }) {
            assertRefused(FailureCode.METADATA_MALFORMED, () -> check(utf8(text)));
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
