package dev.flipside.updater.trust;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a refresh makes of the store that it finds, and what it leaves there. */
final class TrustStoreRefreshTest extends RefreshedHost {
    @Test
    void trustsNothingBecauseItIsOnDisk() throws FlipsideException {
        refresh();
        TestMetadata attacker = new TestMetadata();
        for (Role role : Role.values()) {
            attacker.signers.put(role, List.of(NEW_KEY));
            attacker.versions.put(role, 9L);
        }
        attacker.versions.put(Role.ROOT, 2L);
        folder.plant("root_history/2.root.json", attacker.rootFile());
        folder.plant("timestamp.json", attacker.timestampFile());
        folder.plant("snapshot.json", attacker.snapshotFile());
        folder.plant("targets.json", attacker.targetsFile());
        Trusted trusted = refresh();
        assertEquals(1, trusted.metadata().targets().version());
        assertEquals(3, trusted.discarded().size());
        assertTrue(refresh().metadata().root().version() == 1);
    }

    @Test
    void updatesFromAnyDamagedStoreAndSaysWhatWasLost() throws FlipsideException {
        repository.raise(Role.ROOT);
        publish();
        refresh();
        for (String path : folder.files().keySet()) {
            for (byte[] damage : List.of(new byte[0], new byte[3 << 20], CONTENT)) {
                FaultyFolder whole = folder.copy(2);
                folder.plant(path, damage);
                Trusted trusted = refresh();
                assertEquals(1, trusted.metadata().targets().version());
                assertEquals(
                        path.equals("targets.json") && damage.length < 1 << 20,
                        trusted.discarded().isEmpty(),
                        path);
                assertSameFiles(whole.files(), folder.files());
            }
        }
        folder.makeUnreadable(true);
        assertFalse(refresh().discarded().isEmpty());
    }

    @Test
    void doesNotForgetTheSnapshotWithADamagedTimestamp() throws FlipsideException {
        repository.versions.put(Role.SNAPSHOT, 5L);
        publish();
        refresh();
        folder.plant("timestamp.json", CONTENT);
        repository.versions.put(Role.SNAPSHOT, 4L);
        publish();
        assertRefused(FailureCode.METADATA_ROLLBACK, this::refresh);
    }

    @Test
    void startsFromTheRootInTheImageWhenThatIsNewerThanTheStore() throws FlipsideException {
        refresh();
        rotate(Role.TARGETS, NEW_KEY);
        repository.raise(Role.ROOT);
        publishNext();
        initialRoot = repository.rootFile();
        Trusted trusted = refresh();
        assertEquals(3, trusted.metadata().root().version());
        assertEquals(2, trusted.metadata().targets().version());
    }

    @Test
    void reportsAStoreThatCannotBeWritten() throws FlipsideException {
        folder.makeReadOnly(true);
        assertRefused(FailureCode.IO_FAILED, this::refresh);
        folder.makeReadOnly(false);
        folder.limitTo(100);
        assertRefused(FailureCode.IO_FAILED, this::refresh);
        folder.limitTo(1 << 20);
        refresh();
    }

    @Test
    void asksForTheWholeTimestampWhenTheStoredOneNoLongerCounts() throws FlipsideException {
        source.validate();
        refresh();
        TestSigner old = repository.signers.get(Role.TIMESTAMP).getFirst();
        repository.signers.put(Role.TIMESTAMP, List.of(old, NEW_KEY));
        repository.thresholds.put(Role.TIMESTAMP, 2);
        repository.raise(Role.ROOT);
        source.put(ROOT_2, repository.rootFile());
        // The server has the same file still, and would say so.
        assertRefused(FailureCode.SIGNATURES_TOO_FEW, this::refresh);
        publishNext();
        assertEquals(2, refresh().metadata().timestamp().version());
        assertTrue(refresh().discarded().isEmpty());
    }

    @Test
    void survivesAPowerCutAtEveryWrite() throws FlipsideException {
        TestSigner stolen = repository.signers.get(Role.TIMESTAMP).getFirst();
        repository.signers.put(Role.TIMESTAMP, List.of(stolen, NEW_KEY));
        initialRoot = repository.rootFile();
        repository.versions.put(Role.TIMESTAMP, 50L);
        publish();
        refresh();
        // Root 2 takes one of two keys away, and versions start again: what is stored is still
        // signed by the other key, so it has to be forgotten, and not only fail to verify.
        repository.versions.put(Role.TIMESTAMP, 1L);
        rotate(Role.TIMESTAMP, NEW_KEY);
        publishNext();
        FaultyFolder before = folder.copy(3);
        folder = before.copy(4);
        PowerLine counting = PowerLine.steady();
        folder.plugInto(counting);
        refresh();
        assertTrue(counting.operations() > 10, "operations " + counting.operations());
        for (long cut = 0; cut < counting.operations(); cut++) {
            folder = before.copy(1000 + cut);
            folder.plugInto(PowerLine.cutAfter(cut));
            assertThrows(PowerCut.class, this::refresh, "cut " + cut);
            folder.powerOn(PowerLine.steady());
            Trusted trusted = refresh();
            assertEquals(2, trusted.metadata().timestamp().version(), "cut " + cut);
            assertEquals(2, trusted.metadata().root().version(), "cut " + cut);
        }
    }
}
