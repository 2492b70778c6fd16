package dev.flipside.updater.trust;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.MetaFile;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Targets that only a delegated role vouches for, as a host fetches and keeps them. */
final class DelegationRefreshTest extends RefreshedHost {
    private static final TestSigner SIGNER = TestSigner.number(70);

    private byte[] delegate(String role, String path, String fileOfRole) {
        byte[] file =
                TestMetadata.signed(
                        new TargetsMetadata(
                                1,
                                TestMetadata.FRESH,
                                new TreeMap<>(Map.of(path, Target.of(path, CONTENT)))),
                        List.of(SIGNER));
        repository.delegations =
                Optional.of(
                        TestMetadata.delegations(
                                List.of(SIGNER),
                                TestMetadata.delegation(role, SIGNER, false, "b/*")));
        repository.otherTargetsFiles.put(role + ".json", MetaFile.of(1, file));
        source.put(fileOfRole, file);
        source.put("targets/b/" + Target.of("", CONTENT).digests().prefix() + ".x", CONTENT);
        publishNext();
        return file;
    }

    @Test
    void fetchesWhatADelegatedRoleVouchesForAndKeepsItsFile() throws FlipsideException {
        byte[] file = delegate("A", "b/x", "metadata/1.A.json");
        assertArrayEquals(CONTENT, refresh().fetch("b/x"));
        assertArrayEquals(file, folder.files().get("delegated/A.json"));
        source.takeRequests();
        assertArrayEquals(CONTENT, refresh().fetch("b/x"));
        assertEquals(List.of(ROOT_2, TIMESTAMP), source.takeRequests());
    }

    @Test
    void asksForARoleOfAnyNameByItsEncodedName() throws FlipsideException {
        delegate("../A/?", "b/x", "metadata/1...%2FA%2F%3F.json");
        assertArrayEquals(CONTENT, refresh().fetch("b/x"));
        assertTrue(folder.files().containsKey("delegated/..%2FA%2F%3F.json"));
    }

    @Test
    void believesNoStoredRoleThatIsNotTheOneInTheSnapshot() throws FlipsideException {
        delegate("A", "b/x", "metadata/1.A.json");
        refresh().fetch("b/x");
        folder.plant("delegated/A.json", CONTENT);
        assertArrayEquals(CONTENT, refresh().fetch("b/x"));
        source.put("metadata/1.A.json", CONTENT);
        folder.plant("delegated/A.json", CONTENT);
        Trusted trusted = refresh();
        assertRefused(FailureCode.SOURCE_TOO_LARGE, () -> tooLong(trusted));
    }

    private void tooLong(Trusted trusted) throws FlipsideException {
        source.put("metadata/1.A.json", new byte[1 << 16]);
        trusted.target("b/x");
    }

    @Test
    void reportsADelegatedRoleThatIsGone() throws FlipsideException {
        delegate("A", "b/x", "metadata/1.A.json");
        source.remove("metadata/1.A.json");
        Trusted trusted = refresh();
        assertRefused(FailureCode.SOURCE_FILE_MISSING, () -> trusted.fetch("b/x"));
        assertRefused(FailureCode.TARGET_UNKNOWN, () -> trusted.fetch("c/x"));
    }

    @Test
    void refusesADelegatedRoleThatFallsBackOrDisappears() throws FlipsideException {
        delegate("A", "b/x", "metadata/1.A.json");
        refresh();
        repository.otherTargetsFiles.clear();
        repository.raise(Role.SNAPSHOT, Role.TIMESTAMP);
        publish();
        assertRefused(FailureCode.METADATA_ROLLBACK, this::refresh);
    }

    @Test
    void streamsATargetOfAnySizeAndChecksItAtTheEnd() throws FlipsideException {
        byte[] large = new byte[Trusted.MAX_TARGET_BYTES + 5];
        large[large.length - 1] = 1;
        Target target = Target.of("large", large);
        repository.targets.put("large", target);
        String path = "targets/" + target.digests().prefix() + ".large";
        source.put(path, large);
        publishNext();
        Trusted trusted = refresh();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        trusted.fetch(
                "large",
                piece -> {
                    byte[] bytes = new byte[piece.remaining()];
                    piece.get(bytes);
                    out.writeBytes(bytes);
                });
        assertArrayEquals(large, out.toByteArray());
        large[0] ^= 1;
        source.put(path, large);
        assertRefused(FailureCode.DIGEST_MISMATCH, () -> trusted.fetch("large", piece -> {}));
    }

    @Test
    void takesNoTimeBeforeMetadataWasAcceptedLast() throws FlipsideException {
        refresh();
        now = TestMetadata.NOW.minusSeconds(1_000_000_000);
        repository.expiries.put(Role.TIMESTAMP, TestMetadata.NOW.minusSeconds(1));
        repository.raise(Role.TIMESTAMP);
        publish();
        assertRefused(FailureCode.METADATA_EXPIRED, this::refresh);
        repository.expiries.put(Role.TIMESTAMP, TestMetadata.FRESH);
        repository.raise(Role.TIMESTAMP);
        publish();
        assertEquals(TestMetadata.NOW, refresh().metadata().startTime());
    }

    @Test
    void keepsABoundedNumberOfTargets() throws FlipsideException {
        for (int i = 0; i < 3 * TrustStore.MAX_TARGETS; i++) {
            byte[] content = {(byte) i};
            Target target = Target.of("t" + i, content);
            repository.targets.put("t" + i, target);
            source.put("targets/" + target.digests().prefix() + ".t" + i, content);
        }
        publishNext();
        Trusted trusted = refresh();
        for (int i = 0; i < 3 * TrustStore.MAX_TARGETS; i++) {
            trusted.fetch("t" + i);
        }
        long kept =
                folder.files().keySet().stream().filter(it -> it.startsWith("targets/")).count();
        assertTrue(kept <= TrustStore.MAX_TARGETS, "kept " + kept);
    }
}
