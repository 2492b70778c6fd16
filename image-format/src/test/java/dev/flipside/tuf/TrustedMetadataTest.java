package dev.flipside.tuf;

import static dev.flipside.tuf.Refusals.assertRefused;
import static dev.flipside.tuf.TestMetadata.resigned;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.TrustedMetadata.Complete;
import dev.flipside.tuf.TrustedMetadata.Remembered;
import dev.flipside.tuf.TrustedMetadata.Roots;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attacks on the way from one file to the next; named after the steps of TUF 1.0.34, section 5. */
final class TrustedMetadataTest {
    private static final TestSigner NEW_KEY = TestSigner.number(50);
    private static final TestSigner THIRD_KEY = TestSigner.number(51);

    private final TestMetadata honest = new TestMetadata();

    private Roots anchored() throws FlipsideException {
        return TrustedMetadata.anchoredIn(honest.rootFile(), TestMetadata.NOW);
    }

    private Complete refresh(Remembered remembered) throws FlipsideException {
        return remembered
                .timestamp(honest.timestampFile())
                .snapshot(honest.snapshotFile())
                .targets(honest.targetsFile());
    }

    /** The stage of a host that has done one honest refresh. */
    private Remembered afterOneRefresh() throws FlipsideException {
        return anchored()
                .finish()
                .withTimestamp(honest.timestampFile())
                .withSnapshot(honest.snapshotFile());
    }

    @Test
    void acceptsAnHonestRepository() throws FlipsideException {
        honest.targets.put("a", Target.of("a", new byte[3]));
        Complete complete = refresh(anchored().finish());
        assertEquals(3, complete.targets().target("a").orElseThrow().lengthBytes());
        assertTrue(complete.targets().target("b").isEmpty());
    }

    @Test
    void refusesAnInitialRootThatDidNotSignItself() {
        byte[] root = resigned(honest.rootFile(), signed -> {}, NEW_KEY);
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () -> TrustedMetadata.anchoredIn(root, TestMetadata.NOW));
    }

    @Test
    void followsARootRotatedTenTimes() throws FlipsideException {
        Roots roots = anchored();
        for (int i = 0; i < 10; i++) {
            TestSigner old = honest.signers.get(Role.ROOT).getFirst();
            honest.signers.put(Role.ROOT, List.of(TestSigner.number(60 + i)));
            honest.raise(Role.ROOT);
            roots = roots.next(honest.rootFile(old));
        }
        assertEquals(11, roots.root().version());
        refresh(roots.finish());
    }

    @Test
    void refusesARootThatTheOldKeysDidNotSign() throws FlipsideException {
        Roots roots = anchored();
        honest.signers.put(Role.ROOT, List.of(NEW_KEY));
        honest.raise(Role.ROOT);
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> roots.next(honest.rootFile()));
    }

    @Test
    void refusesARootThatItsOwnKeysDidNotSign() throws FlipsideException {
        Roots roots = anchored();
        TestSigner old = honest.signers.get(Role.ROOT).getFirst();
        honest.signers.put(Role.ROOT, List.of(NEW_KEY));
        honest.raise(Role.ROOT);
        byte[] file = resigned(honest.rootFile(), signed -> {}, old);
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> roots.next(file));
    }

    @Test
    void refusesARootSignedBelowTheOldThreshold() throws FlipsideException {
        TestSigner first = honest.signers.get(Role.ROOT).getFirst();
        honest.signers.put(Role.ROOT, List.of(first, NEW_KEY));
        honest.thresholds.put(Role.ROOT, 2);
        Roots roots = anchored();
        honest.thresholds.put(Role.ROOT, 1);
        honest.raise(Role.ROOT);
        byte[] file = resigned(honest.rootFile(), signed -> {}, first);
        assertRefused(FailureCode.SIGNATURES_TOO_FEW, () -> roots.next(file));
    }

    @Test
    void refusesARootThatSkipsRepeatsOrGoesBack() throws FlipsideException {
        honest.raise(Role.ROOT);
        Roots roots = anchored();
        for (long version : new long[] {1, 2, 4, Metadata.MAX_VERSION}) {
            honest.versions.put(Role.ROOT, version);
            assertRefused(FailureCode.METADATA_ROLLBACK, () -> roots.next(honest.rootFile()));
        }
        honest.versions.put(Role.ROOT, 3L);
        assertEquals(3, roots.next(honest.rootFile()).root().version());
    }

    @Test
    void takesAnExpiredRootForAStepButNotForTheEnd() throws FlipsideException {
        honest.expiries.put(Role.ROOT, TestMetadata.EXPIRED);
        Roots expired = anchored();
        assertRefused(FailureCode.METADATA_EXPIRED, expired::finish);
        honest.expiries.put(Role.ROOT, TestMetadata.FRESH);
        honest.raise(Role.ROOT);
        expired.next(honest.rootFile()).finish();
    }

    @Test
    void expiresAtTheVeryInstantOfTheExpiry() throws FlipsideException {
        honest.expiries.put(Role.TIMESTAMP, TestMetadata.NOW);
        Remembered remembered = anchored().finish();
        assertRefused(
                FailureCode.METADATA_EXPIRED, () -> remembered.timestamp(honest.timestampFile()));
        honest.expiries.put(Role.TIMESTAMP, TestMetadata.NOW.plusSeconds(1));
        remembered.timestamp(honest.timestampFile());
    }

    @Test
    void refusesExpiredMetadataOfEveryRole() throws FlipsideException {
        Remembered remembered = anchored().finish();
        for (Role role : new Role[] {Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS}) {
            honest.expiries.put(role, TestMetadata.EXPIRED);
            assertRefused(FailureCode.METADATA_EXPIRED, () -> refresh(remembered));
            honest.expiries.put(role, TestMetadata.FRESH);
        }
        refresh(remembered);
    }

    @Test
    void refusesARememberedTimestampThatHasExpiredSince() throws FlipsideException {
        honest.expiries.put(Role.TIMESTAMP, TestMetadata.EXPIRED);
        Remembered remembered = anchored().finish().withTimestamp(honest.timestampFile());
        assertRefused(
                FailureCode.METADATA_EXPIRED, () -> remembered.timestamp(honest.timestampFile()));
    }

    @Test
    void refusesMetadataOfEveryRoleThatAnotherRoleSigned() throws FlipsideException {
        Remembered remembered = anchored().finish();
        for (Role role : new Role[] {Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS}) {
            List<TestSigner> own = honest.signers.get(role);
            honest.signers.put(role, List.of(NEW_KEY));
            assertRefused(FailureCode.SIGNATURE_INVALID, () -> refresh(remembered));
            honest.signers.put(role, own);
        }
        refresh(remembered);
    }

    @Test
    void refusesATimestampOlderThanOneSeen() throws FlipsideException {
        honest.versions.put(Role.TIMESTAMP, 7L);
        Remembered remembered = afterOneRefresh();
        honest.versions.put(Role.TIMESTAMP, 6L);
        assertRefused(
                FailureCode.METADATA_ROLLBACK, () -> remembered.timestamp(honest.timestampFile()));
    }

    @Test
    void keepsTheTimestampOfAVersionThatItHas() throws FlipsideException {
        Remembered remembered = afterOneRefresh();
        assertFalse(remembered.timestamp(honest.timestampFile()).isNew());
        honest.versions.put(Role.SNAPSHOT, 100L);
        assertEquals(
                1, remembered.timestamp(honest.timestampFile()).timestamp().snapshot().version());
        honest.raise(Role.TIMESTAMP);
        assertTrue(remembered.timestamp(honest.timestampFile()).isNew());
    }

    @Test
    void refusesATimestampThatTakesTheSnapshotBack() throws FlipsideException {
        honest.versions.put(Role.SNAPSHOT, 5L);
        Remembered remembered = afterOneRefresh();
        Remembered withoutTimestamp = anchored().finish().withSnapshot(honest.snapshotFile());
        honest.versions.put(Role.SNAPSHOT, 4L);
        honest.raise(Role.TIMESTAMP);
        assertRefused(
                FailureCode.METADATA_ROLLBACK, () -> remembered.timestamp(honest.timestampFile()));
        assertRefused(
                FailureCode.METADATA_ROLLBACK,
                () -> withoutTimestamp.timestamp(honest.timestampFile()));
    }

    @Test
    void refusesASnapshotThatTakesTargetsBack() throws FlipsideException {
        honest.versions.put(Role.TARGETS, 5L);
        Remembered remembered = afterOneRefresh();
        honest.versions.put(Role.TARGETS, 4L);
        honest.raise(Role.SNAPSHOT, Role.TIMESTAMP);
        assertRefused(FailureCode.METADATA_ROLLBACK, () -> refresh(remembered));
    }

    @Test
    void refusesASnapshotThatLosesATargetsFile() throws FlipsideException {
        honest.otherTargetsFiles.put("team.json", MetaFile.of(3, new byte[1]));
        Remembered remembered = afterOneRefresh();
        honest.raise(Role.SNAPSHOT, Role.TIMESTAMP);
        refresh(remembered);
        honest.otherTargetsFiles.put("team.json", MetaFile.of(2, new byte[1]));
        assertRefused(FailureCode.METADATA_ROLLBACK, () -> refresh(remembered));
        honest.otherTargetsFiles.clear();
        assertRefused(FailureCode.METADATA_ROLLBACK, () -> refresh(remembered));
    }

    @Test
    void refusesASnapshotOrTargetsOfAnotherMoment() throws FlipsideException {
        byte[] oldSnapshot = honest.snapshotFile();
        byte[] oldTargets = honest.targetsFile();
        honest.targets.put("a", Target.of("a", new byte[3]));
        honest.raise(Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
        var stamped = anchored().finish().timestamp(honest.timestampFile());
        assertRefused(FailureCode.METADATA_MISMATCH, () -> stamped.snapshot(oldSnapshot));
        var snapshotted = stamped.snapshot(honest.snapshotFile());
        assertRefused(FailureCode.METADATA_MISMATCH, () -> snapshotted.targets(oldTargets));
    }

    @Test
    void refusesAnotherVersionWhereTheReferrerGivesNoDigest() throws FlipsideException {
        byte[] timestamp =
                resigned(
                        honest.timestampFile(),
                        signed -> {
                            ObjectNode meta = (ObjectNode) signed.at("/meta/snapshot.json");
                            meta.remove(List.of("hashes", "length"));
                        },
                        honest.signers.get(Role.TIMESTAMP).getFirst());
        var stamped = anchored().finish().timestamp(timestamp);
        stamped.snapshot(honest.snapshotFile());
        honest.raise(Role.SNAPSHOT);
        assertRefused(FailureCode.METADATA_MISMATCH, () -> stamped.snapshot(honest.snapshotFile()));
    }

    @Test
    void refusesAnotherVersionOfTargetsWhereTheSnapshotGivesNoDigest() throws FlipsideException {
        byte[] snapshot =
                resigned(
                        honest.snapshotFile(),
                        signed ->
                                ((ObjectNode) signed.at("/meta/targets.json"))
                                        .remove(List.of("hashes", "length")),
                        honest.signers.get(Role.SNAPSHOT).getFirst());
        byte[] timestamp =
                resigned(
                        honest.timestampFile(),
                        signed ->
                                ((ObjectNode) signed.at("/meta/snapshot.json"))
                                        .remove(List.of("hashes", "length")),
                        honest.signers.get(Role.TIMESTAMP).getFirst());
        var snapshotted = anchored().finish().timestamp(timestamp).snapshot(snapshot);
        snapshotted.targets(honest.targetsFile());
        honest.raise(Role.TARGETS);
        assertRefused(
                FailureCode.METADATA_MISMATCH, () -> snapshotted.targets(honest.targetsFile()));
    }

    @Test
    void refusesOtherContentUnderTheRightVersion() throws FlipsideException {
        byte[] snapshot = honest.snapshotFile();
        var stamped = anchored().finish().timestamp(honest.timestampFile());
        var snapshotted = stamped.snapshot(snapshot);
        honest.targets.put("a", Target.of("a", new byte[3]));
        assertRefused(
                FailureCode.METADATA_MISMATCH, () -> snapshotted.targets(honest.targetsFile()));
        assertRefused(FailureCode.METADATA_MISMATCH, () -> stamped.snapshot(honest.snapshotFile()));
    }

    @Test
    void refusesAWrongLengthEvenWithoutADigest() throws FlipsideException {
        byte[] timestamp =
                resigned(
                        honest.timestampFile(),
                        signed -> ((ObjectNode) signed.at("/meta/snapshot.json")).remove("hashes"),
                        honest.signers.get(Role.TIMESTAMP).getFirst());
        var stamped = anchored().finish().timestamp(timestamp);
        byte[] longer =
                java.util.Arrays.copyOf(honest.snapshotFile(), honest.snapshotFile().length + 1);
        longer[longer.length - 1] = ' ';
        assertRefused(FailureCode.METADATA_MISMATCH, () -> stamped.snapshot(longer));
    }

    @Test
    void recoversFromAFastForwardOnlyWhenAKeyIsTakenAway() throws FlipsideException {
        Roots first = anchored();
        TestSigner old = honest.signers.get(Role.TIMESTAMP).getFirst();
        honest.signers.put(Role.TIMESTAMP, List.of(old, NEW_KEY));
        honest.raise(Role.ROOT);
        Roots added = first.next(honest.rootFile());
        assertFalse(first.isRecoveredBy(added));
        honest.signers.put(Role.TIMESTAMP, List.of(NEW_KEY));
        honest.raise(Role.ROOT);
        Roots removed = added.next(honest.rootFile());
        assertTrue(added.isRecoveredBy(removed));
        honest.signers.put(Role.SNAPSHOT, List.of(THIRD_KEY));
        honest.raise(Role.ROOT);
        assertTrue(removed.isRecoveredBy(removed.next(honest.rootFile())));
    }

    @Test
    void remembersNothingThatTheCurrentKeysDidNotSign() throws FlipsideException {
        byte[] timestamp = honest.timestampFile();
        byte[] snapshot = honest.snapshotFile();
        honest.signers.put(Role.TIMESTAMP, List.of(NEW_KEY));
        honest.signers.put(Role.SNAPSHOT, List.of(NEW_KEY));
        Remembered remembered = anchored().finish();
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> remembered.withTimestamp(timestamp));
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> remembered.withSnapshot(snapshot));
    }
}
