package dev.flipside.updater.trust;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** A host against a repository: what it asks for, what it keeps, and what it refuses. */
final class TrustedRepositoryTest extends RefreshedHost {
    @Test
    void keepsTheFilesAsTheyCame() throws FlipsideException {
        assertEquals(1, refresh().metadata().targets().version());
        assertEquals(
                List.of(ROOT_2, TIMESTAMP, "metadata/1.snapshot.json", "metadata/1.targets.json"),
                source.takeRequests());
        assertEquals(
                Set.of("accepted-time", "timestamp.json", "snapshot.json", "targets.json"),
                folder.files().keySet());
        assertArrayEquals(repository.snapshotFile(), folder.files().get("snapshot.json"));
    }

    @Test
    void asksForARootAndATimestampWhenNothingIsNew() throws FlipsideException {
        refresh();
        source.takeRequests();
        assertTrue(refresh().discarded().isEmpty());
        assertEquals(List.of(ROOT_2, TIMESTAMP), source.takeRequests());
    }

    @Test
    void fetchesTargetsOnlyWhenTheyChanged() throws FlipsideException {
        refresh();
        source.takeRequests();
        repository.raise(Role.SNAPSHOT, Role.TIMESTAMP);
        publish();
        refresh();
        assertEquals(List.of(ROOT_2, TIMESTAMP, "metadata/2.snapshot.json"), source.takeRequests());
    }

    @Test
    void readsUnversionedNamesWhereSnapshotsAreNotConsistent() throws FlipsideException {
        repository.consistentSnapshot = false;
        initialRoot = repository.rootFile();
        source.put("metadata/snapshot.json", repository.snapshotFile());
        source.put("metadata/targets.json", repository.targetsFile());
        source.put("targets/dir/a", CONTENT);
        assertArrayEquals(CONTENT, refresh().fetch("dir/a"));
    }

    @Test
    void followsTenRootsAfterALongAbsence() throws FlipsideException {
        refresh();
        for (int i = 0; i < 10; i++) {
            TestSigner old = repository.signers.get(Role.ROOT).getFirst();
            repository.signers.put(Role.ROOT, List.of(TestSigner.number(60 + i)));
            repository.raise(Role.ROOT);
            publish(old);
        }
        assertEquals(11, refresh().metadata().root().version());
        source.takeRequests();
        assertEquals(11, refresh().metadata().root().version());
        assertEquals(List.of("metadata/12.root.json", TIMESTAMP), source.takeRequests());
    }

    @Test
    void stopsAfterABoundedNumberOfRoots() throws FlipsideException {
        for (int i = 0; i < TrustedRepository.MAX_ROTATIONS + 1; i++) {
            repository.raise(Role.ROOT);
            publish();
        }
        assertEquals(TrustedRepository.MAX_ROTATIONS + 1, refresh().metadata().root().version());
        assertEquals(TrustedRepository.MAX_ROTATIONS + 2, refresh().metadata().root().version());
    }

    @Test
    void refusesARootThatTheOldKeysDidNotSignAndKeepsNothing() throws FlipsideException {
        refresh();
        SortedMap<String, byte[]> before = folder.files();
        repository.signers.put(Role.ROOT, List.of(NEW_KEY));
        repository.raise(Role.ROOT, Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
        publish();
        assertRefusedAndKeeps(FailureCode.SIGNATURE_INVALID, before);
        source.remove(ROOT_2);
        repository.raise(Role.TIMESTAMP);
        publish();
        source.remove(ROOT_2);
        refresh();
    }

    @Test
    void keepsARootThatExpiredButGoesNoFurther() throws FlipsideException {
        refresh();
        SortedMap<String, byte[]> before = folder.files();
        repository.expiries.put(Role.ROOT, TestMetadata.EXPIRED);
        repository.raise(Role.ROOT);
        publish();
        publishNext();
        assertRefused(FailureCode.METADATA_EXPIRED, this::refresh);
        before.put("root_history/2.root.json", repository.rootFile());
        assertSameFiles(before, folder.files());
    }

    @Test
    void refusesARollbackOfEachRoleAndStillUpdatesAfterwards() throws FlipsideException {
        for (Role role : Role.values()) {
            repository.versions.put(role, 5L);
        }
        initialRoot = repository.rootFile();
        publish();
        refresh();
        SortedMap<String, byte[]> before = folder.files();

        repository.versions.put(Role.TIMESTAMP, 4L);
        publish();
        assertRefusedAndKeeps(FailureCode.METADATA_ROLLBACK, before);

        repository.versions.put(Role.TIMESTAMP, 6L);
        repository.versions.put(Role.SNAPSHOT, 4L);
        publish();
        assertRefusedAndKeeps(FailureCode.METADATA_ROLLBACK, before);

        repository.versions.put(Role.SNAPSHOT, 6L);
        repository.versions.put(Role.TARGETS, 4L);
        publish();
        assertRefused(FailureCode.METADATA_ROLLBACK, this::refresh);
        // The timestamp was right, and its keeper signed for that snapshot.
        before.put("timestamp.json", repository.timestampFile());
        assertSameFiles(before, folder.files());

        repository.versions.put(Role.TARGETS, 6L);
        repository.raise(Role.SNAPSHOT, Role.TIMESTAMP);
        publish();
        assertEquals(6, refresh().metadata().targets().version());
    }

    @Test
    void noticesAFreezeWhenTheStoredMetadataExpires() throws FlipsideException {
        refresh();
        now = TestMetadata.FRESH.minusSeconds(1);
        refresh();
        now = TestMetadata.FRESH;
        // The root is the first of four that have expired.
        repository.expiries.put(Role.ROOT, now.plus(Duration.ofDays(1)));
        repository.raise(Role.ROOT);
        publish();
        assertRefused(FailureCode.METADATA_EXPIRED, this::refresh);
    }

    @Test
    void doesNotBelieveAClockThatWasNeverSet() throws FlipsideException {
        Instant built = TestMetadata.FRESH.plusSeconds(1);
        TrustStore store = new TrustStore(folder, initialRoot, built);
        assertRefused(
                FailureCode.METADATA_EXPIRED,
                () -> TrustedRepository.refresh(source, store, InstantSource.fixed(Instant.EPOCH)));
    }

    @Test
    void readsTheClockOnce() throws FlipsideException {
        Instant[] times = {TestMetadata.NOW, TestMetadata.FRESH.plusSeconds(1)};
        int[] readings = {0};
        TrustedRepository.refresh(
                source,
                new TrustStore(folder, initialRoot, Instant.EPOCH),
                () -> times[Math.min(readings[0]++, 1)]);
        assertEquals(1, readings[0]);
    }

    @Test
    void letsAStolenTimestampKeyOnlyFreeze() throws FlipsideException {
        publishNext();
        refresh();
        // The thief signs timestamps, and serves every old file, but can sign nothing else.
        TestMetadata thief = new TestMetadata();
        thief.signers.put(Role.SNAPSHOT, List.of(NEW_KEY));
        thief.signers.put(Role.TARGETS, List.of(NEW_KEY));
        for (long snapshot : new long[] {1, 2, 3}) {
            thief.versions.put(Role.TIMESTAMP, thief.versions.get(Role.TIMESTAMP) + 10);
            thief.versions.put(Role.SNAPSHOT, snapshot);
            source.put(TIMESTAMP, thief.timestampFile());
            source.put("metadata/" + snapshot + ".snapshot.json", thief.snapshotFile());
            // Below what was seen; at that version, with other content; beyond, with a key of his.
            assertRefused(
                    switch ((int) snapshot) {
                        case 1 -> FailureCode.METADATA_ROLLBACK;
                        default -> FailureCode.SIGNATURE_INVALID;
                    },
                    this::refresh);
        }
        assertArrayEquals(repository.targetsFile(), folder.files().get("targets.json"));
        // Once the key is replaced, the high versions of the thief are forgotten.
        rotate(Role.TIMESTAMP, TestSigner.number(51));
        publishNext();
        assertEquals(3, refresh().metadata().targets().version());
    }

    @Test
    void letsAStolenTimestampKeyFreezeOnlyUntilTheSnapshotExpires() throws FlipsideException {
        publishNext();
        refresh();
        Instant end = TestMetadata.FRESH;
        // The thief names the state that hosts have, for ever.
        repository.raise(Role.TIMESTAMP);
        repository.expiries.put(Role.TIMESTAMP, end.plus(Duration.ofDays(365_000)));
        source.put(TIMESTAMP, repository.timestampFile());
        repository.expiries.put(Role.ROOT, end.plus(Duration.ofDays(1)));
        repository.raise(Role.ROOT);
        source.put("metadata/2.root.json", repository.rootFile());
        now = end.minusSeconds(1);
        assertEquals(2, refresh().metadata().targets().version());
        now = end;
        assertRefused(FailureCode.METADATA_EXPIRED, this::refresh);
    }

    @Test
    void recoversFromAFastForwardWhenTheSnapshotKeyIsReplaced() throws FlipsideException {
        repository.versions.put(Role.TARGETS, 1_000_000L);
        repository.versions.put(Role.SNAPSHOT, 1_000_000L);
        repository.versions.put(Role.TIMESTAMP, 1_000_000L);
        publish();
        refresh();
        for (Role role : new Role[] {Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP}) {
            repository.versions.put(role, 2L);
        }
        publish();
        assertRefused(FailureCode.METADATA_ROLLBACK, this::refresh);
        rotate(Role.SNAPSHOT, NEW_KEY);
        assertEquals(2, refresh().metadata().targets().version());
    }

    @Test
    void refusesMetadataThatNeverEnds() throws FlipsideException {
        refresh();
        SortedMap<String, byte[]> before = folder.files();
        source.put(TIMESTAMP, new byte[Role.TIMESTAMP.maxBytes() + 1]);
        assertRefusedAndKeeps(FailureCode.SOURCE_TOO_LARGE, before);
        source.put(ROOT_2, new byte[Role.ROOT.maxBytes() + 1]);
        assertRefusedAndKeeps(FailureCode.SOURCE_TOO_LARGE, before);
    }

    @Test
    void reportsWhatTheRepositoryHasLost() throws FlipsideException {
        source.remove("metadata/1.targets.json");
        assertRefused(FailureCode.SOURCE_FILE_MISSING, this::refresh);
        source.remove(TIMESTAMP);
        assertRefused(FailureCode.SOURCE_FILE_MISSING, this::refresh);
    }

    @Test
    void goesOnAfterAnOutageAtAnyRequest() throws FlipsideException {
        refresh();
        publishNext();
        for (String path :
                List.of(ROOT_2, TIMESTAMP, "metadata/2.snapshot.json", "metadata/2.targets.json")) {
            source.failAt(path);
            assertRefused(FailureCode.SOURCE_UNREACHABLE, this::refresh);
        }
        source.failAt("");
        assertEquals(2, refresh().metadata().targets().version());
    }

    @Test
    void fetchesATargetOnlyIfItIsWhatWasSigned() throws FlipsideException, IOException {
        Trusted trusted = refresh();
        assertArrayEquals(CONTENT, trusted.fetch("dir/a"));
        String stored = "targets/" + Target.of("", CONTENT).digests().prefix();
        source.takeRequests();
        assertArrayEquals(CONTENT, trusted.fetch("dir/a"));
        assertEquals(List.of(), source.takeRequests());
        folder.remove(stored);
        assertRefused(FailureCode.TARGET_UNKNOWN, () -> trusted.fetch("dir/b"));
        assertRefused(FailureCode.TARGET_UNKNOWN, () -> trusted.fetch("../dir/a"));
        String path = "targets/dir/" + Target.of("", CONTENT).digests().prefix() + ".a";
        byte[] other = CONTENT.clone();
        other[0] ^= 1;
        source.put(path, other);
        assertRefused(FailureCode.DIGEST_MISMATCH, () -> trusted.fetch("dir/a"));
        source.put(path, Arrays.copyOf(CONTENT, CONTENT.length - 1));
        assertRefused(FailureCode.LENGTH_MISMATCH, () -> trusted.fetch("dir/a"));
        source.put(path, Arrays.copyOf(CONTENT, CONTENT.length + 1));
        assertRefused(FailureCode.SOURCE_TOO_LARGE, () -> trusted.fetch("dir/a"));
        source.remove(path);
        assertRefused(FailureCode.SOURCE_FILE_MISSING, () -> trusted.fetch("dir/a"));
    }

    @Test
    void refusesATargetTooLargeToBeReadAsAWhole() throws FlipsideException {
        byte[] large = new byte[Trusted.MAX_TARGET_BYTES + 1];
        repository.targets.put("large", Target.of("large", large));
        publishNext();
        Trusted trusted = refresh();
        assertRefused(FailureCode.TARGET_UNKNOWN, () -> trusted.fetch("large"));
    }
}
