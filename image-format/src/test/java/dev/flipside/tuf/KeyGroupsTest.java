package dev.flipside.tuf;

import static dev.flipside.tuf.Refusals.assertRefused;
import static dev.flipside.tuf.TestMetadata.resigned;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.TrustedMetadata.Roots;
import dev.flipside.tuf.TrustedMetadata.Rules;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Roles that demand several groups of keys, and hosts that believe some kinds of keys only. */
final class KeyGroupsTest {
    private static final TestSigner ML_DSA = TestSigner.random(KeyScheme.ML_DSA_65);

    private final TestMetadata honest = new TestMetadata();
    private final TestSigner classical = honest.signers.get(Role.TARGETS).getFirst();

    private void check(TestSigner... signers) throws FlipsideException {
        SignedMetadata.targets(resigned(honest.targetsFile(), signed -> {}, signers))
                .checkSignedBy(SignedMetadata.root(honest.rootFile()).metadata(), Role.TARGETS);
    }

    @Test
    void demandsOneEd25519AndOneMlDsa65Key() throws FlipsideException {
        honest.demand(Role.TARGETS, ML_DSA);
        check(classical, ML_DSA);
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> check(classical));
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> check(ML_DSA));
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> check());
    }

    @Test
    void readsWhatItWroteWithTheKeysApartFromThoseOfPlainTuf() throws FlipsideException {
        honest.demand(Role.TARGETS, ML_DSA);
        ObjectNode json = honest.root().json();
        assertFalse(json.get("keys").has(ML_DSA.keyId()));
        assertTrue(json.at("/x-flipside/keys").has(ML_DSA.keyId()));
        assertEquals(json, SignedMetadata.root(honest.rootFile()).metadata().json());
    }

    @Test
    void needsTheGroupOfTheOldRootForTheNextOne() throws FlipsideException {
        TestSigner root = honest.signers.get(Role.ROOT).getFirst();
        honest.demand(Role.ROOT, ML_DSA);
        Roots roots = TrustedMetadata.anchoredIn(honest.rootFile(ML_DSA), TestMetadata.NOW);
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () -> TrustedMetadata.anchoredIn(honest.rootFile(), TestMetadata.NOW));
        // Who can forge the classical signature tries to do away with the other one.
        honest.groups.clear();
        honest.raise(Role.ROOT);
        byte[] forged = resigned(honest.rootFile(), signed -> {}, root);
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> roots.next(forged));
        assertEquals(2, roots.next(honest.rootFile(ML_DSA)).root().version());
    }

    @Test
    void recoversFromAFastForwardWhenAKeyOfAGroupIsTakenAway() throws FlipsideException {
        honest.demand(Role.SNAPSHOT, ML_DSA);
        Roots roots = TrustedMetadata.anchoredIn(honest.rootFile(), TestMetadata.NOW);
        honest.demand(Role.SNAPSHOT, TestSigner.random(KeyScheme.ML_DSA_65));
        honest.raise(Role.ROOT);
        assertTrue(roots.isRecoveredBy(roots.next(honest.rootFile())));
    }

    @Test
    void refusesAGroupThatCountsAKeyTwiceOrNamesOneThatIsNotThere() {
        honest.demand(Role.TARGETS, ML_DSA);
        for (String change : new String[] {"twice", "unknown", "zero", "role"}) {
            byte[] root =
                    resigned(
                            honest.rootFile(),
                            signed -> spoil(change, (ObjectNode) signed.get("x-flipside")),
                            honest.signers.get(Role.ROOT).getFirst());
            assertRefused(
                    change.equals("zero")
                            ? FailureCode.THRESHOLD_INVALID
                            : FailureCode.METADATA_MALFORMED,
                    () -> SignedMetadata.root(root));
        }
    }

    private static void spoil(String change, ObjectNode field) {
        ArrayNode groups = (ArrayNode) field.at("/groups/targets");
        switch (change) {
            case "twice" -> groups.add(groups.get(0).deepCopy());
            case "unknown" -> ((ArrayNode) groups.get(0).get("keyids")).add("0".repeat(64));
            case "zero" -> ((ObjectNode) groups.get(0)).put("threshold", 0);
            case "role" -> ((ObjectNode) field.get("groups")).putArray("mirrors");
            default -> throw new IllegalArgumentException(change);
        }
    }

    @Test
    void believesApprovedAlgorithmsOnlyWhenToldTo() throws FlipsideException {
        Rules fips = new Rules(TestMetadata.NOW, AlgorithmPolicy.FIPS);
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () -> TrustedMetadata.anchoredIn(honest.rootFile(), fips));
        for (KeyScheme scheme : KeyScheme.values()) {
            TestMetadata repository = new TestMetadata();
            for (Role role : Role.values()) {
                repository.signers.put(role, List.of(TestSigner.random(scheme)));
            }
            if (AlgorithmPolicy.FIPS.allows(scheme)) {
                TrustedMetadata.anchoredIn(repository.rootFile(), fips)
                        .finish()
                        .timestamp(repository.timestampFile())
                        .snapshot(repository.snapshotFile())
                        .targets(repository.targetsFile());
            } else {
                assertEquals(KeyScheme.ED25519, scheme);
            }
        }
    }

    @Test
    void believesNoDelegatedRoleWithAKeyThatIsNotApproved() throws FlipsideException {
        TestMetadata repository = new TestMetadata();
        for (Role role : Role.values()) {
            repository.signers.put(role, List.of(TestSigner.random(KeyScheme.ECDSA_P256)));
        }
        byte[] file =
                repository.delegate(
                        "a", TestMetadata.delegation("a", classical, false, "*"), classical);
        TargetSearch search =
                TrustedMetadata.anchoredIn(
                                repository.rootFile(),
                                new Rules(TestMetadata.NOW, AlgorithmPolicy.FIPS))
                        .finish()
                        .timestamp(repository.timestampFile())
                        .snapshot(repository.snapshotFile())
                        .targets(repository.targetsFile())
                        .search("x");
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () -> search.accept(search.next().orElseThrow(), file));
    }
}
