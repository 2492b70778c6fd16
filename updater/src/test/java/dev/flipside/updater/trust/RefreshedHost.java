package dev.flipside.updater.trust;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** A host with a trust store, and a repository that it refreshes from. */
abstract class RefreshedHost {
    static final TestSigner NEW_KEY = TestSigner.number(50);
    static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);
    static final String ROOT_2 = "metadata/2.root.json";
    static final String TIMESTAMP = "metadata/timestamp.json";

    final TestMetadata repository = new TestMetadata();
    final FakeSource source = new FakeSource();
    FaultyFolder folder = new FaultyFolder(1);
    Instant now = TestMetadata.NOW;
    byte[] initialRoot;

    @BeforeEach
    void publishTheFirstTime() {
        initialRoot = repository.rootFile();
        repository.targets.put("dir/a", Target.of("dir/a", CONTENT));
        source.put("targets/dir/" + Target.of("", CONTENT).digests().prefix() + ".a", CONTENT);
        publish();
    }

    void publish(TestSigner... alsoForRoot) {
        Map<Role, Long> versions = repository.versions;
        source.put(
                "metadata/" + versions.get(Role.ROOT) + ".root.json",
                repository.rootFile(alsoForRoot));
        source.put(
                "metadata/" + versions.get(Role.TARGETS) + ".targets.json",
                repository.targetsFile());
        source.put(
                "metadata/" + versions.get(Role.SNAPSHOT) + ".snapshot.json",
                repository.snapshotFile());
        source.put(TIMESTAMP, repository.timestampFile());
    }

    void publishNext() {
        repository.raise(Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
        publish();
    }

    void rotate(Role role, TestSigner signer) {
        repository.signers.put(role, List.of(signer));
        repository.raise(Role.ROOT);
        publish();
    }

    Trusted refresh() throws FlipsideException {
        return TrustedRepository.refresh(
                source,
                new TrustStore(folder, initialRoot, Instant.EPOCH),
                InstantSource.fixed(now));
    }

    void assertRefusedAndKeeps(FailureCode code, Map<String, byte[]> before) {
        assertRefused(code, this::refresh);
        assertSameFiles(before, folder.files());
    }

    static void assertSameFiles(Map<String, byte[]> before, Map<String, byte[]> after) {
        assertEquals(before.keySet(), after.keySet());
        before.forEach((path, bytes) -> assertArrayEquals(bytes, after.get(path), path));
    }
}
