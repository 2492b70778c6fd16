package dev.flipside.builder.repo;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.FolderLock;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.release.Architecture;
import dev.flipside.repository.Channel;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;

/** A repository that is damaged, cut off, expired, or changed by two at once. */
final class RepositoryIntegrityTest extends SignedRepository {
    @Test
    void isFoundOutWhenAChannelPointsToNoRelease() throws FlipsideException, IOException {
        init();
        String digest = publish(TestRelease.of("1")).manifestSha256();
        for (Channel.Pointer wrong :
                List.of(
                        new Channel.Pointer("2", digest),
                        new Channel.Pointer("1", "ab".repeat(32)))) {
            writeChannel(Channel.pointingTo("shop", Architecture.X86_64, "stable", wrong));
            assertRefused(FailureCode.REPOSITORY_INVALID, this::verify);
        }
        writeChannel(
                Channel.pointingTo(
                        "shop", Architecture.X86_64, "stable", new Channel.Pointer("1", digest)));
        verify();
    }

    @Test
    void refusesWhatIsNoRepository() {
        assertRefused(FailureCode.REPOSITORY_INVALID, this::verify);
        assertRefused(FailureCode.REPOSITORY_INVALID, () -> publish(TestRelease.of("1")));
        assertRefused(FailureCode.REPOSITORY_INVALID, () -> promote("stable", "1"));
        assertFalse(Files.exists(repository));
    }

    @Test
    void letsOnlyOneChangeItAtATime() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        try (FolderLock lock = FolderLock.tryLock(repository).orElseThrow()) {
            assertRefusedWithoutATrace(FailureCode.REPOSITORY_BUSY, () -> promote("stable", "1"));
            verify();
            assertTrue(lock != null);
        }
        promote("stable", "1");
    }

    @Test
    void isRenewedAfterItHasExpired() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        now = now.plus(Duration.ofDays(100));
        assertRefused(FailureCode.METADATA_EXPIRED, this::verify);
        promote("stable", "1");
        verify();
    }

    @Test
    void isNotWrittenByThoseWhoWouldLoseItsDelegations() throws FlipsideException, IOException {
        init();
        TestSigner targets = TestSigner.number(4);
        assertTrue(metadata().root().keysOf(Role.TARGETS).keyIds().contains(targets.keyId()));
        TestMetadata metadata = new TestMetadata();
        metadata.versions.replaceAll((role, version) -> 2L);
        Path file = repository.resolve("metadata/2.targets.json");
        byte[] delegating =
                TestMetadata.resigned(
                        metadata.targetsFile(),
                        signed -> {
                            ObjectNode delegations = signed.putObject("delegations");
                            delegations.putObject("keys");
                            delegations.putArray("roles");
                        },
                        targets);
        Files.write(file, delegating);
        byte[] snapshot =
                TestMetadata.resigned(
                        metadata.snapshotFile(),
                        signed ->
                                ((ObjectNode) signed.at("/meta/targets.json"))
                                        .put("version", 2)
                                        .remove(List.of("length", "hashes")),
                        TestSigner.number(3));
        Files.write(repository.resolve("metadata/2.snapshot.json"), snapshot);
        Files.write(
                repository.resolve("metadata/timestamp.json"),
                TestMetadata.resigned(
                        metadata.timestampFile(),
                        signed ->
                                ((ObjectNode) signed.at("/meta/snapshot.json"))
                                        .remove(List.of("length", "hashes")),
                        TestSigner.number(2)));
        verify();
        assertRefusedWithoutATrace(
                FailureCode.REPOSITORY_INVALID, () -> publish(TestRelease.of("1")));
    }

    @Test
    void isFoundOutWhenAnythingInItIsDamaged() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        promote("stable", "1");
        verify();
        Complete metadata = metadata();
        for (String path : digests().keySet()) {
            Path file = repository.resolve(path);
            byte[] content = Files.readAllBytes(file);
            // Nobody is led to metadata and channels of states before; those say who signed them.
            boolean reached = reached(metadata).contains(path);
            boolean read = reached || path.startsWith("metadata/");
            if (read) {
                byte[] flipped = content.clone();
                flipped[flipped.length / 2] ^= 1;
                Files.write(file, flipped);
                assertThrows(FlipsideException.class, this::verify, path);
                Files.delete(file);
            }
            if (reached) {
                assertThrows(FlipsideException.class, this::verify, path);
            }
            Files.write(file, content);
        }
        assertEquals(metadata.targets(), metadata().targets());
    }

    private SortedSet<String> reached(Complete metadata) throws FlipsideException, IOException {
        ReachableFiles files = new ReachableFiles(RepositoryFiles.open(repository));
        files.add(metadata.snapshot());
        SortedSet<String> reached = files.all();
        reached.removeAll(files.unreached());
        return reached;
    }

    @Test
    void survivesAPowerCutAtEveryWriteOfAPublication() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        Path release = TestRelease.of("2").writeTo(folder.resolve("second"));
        FaultyFolder whole = copy(1);
        PowerLine counting = PowerLine.steady();
        publishTo(whole.copy(2), counting, release);
        assertTrue(counting.operations() > 20, "operations " + counting.operations());
        for (long cut = 0; cut < counting.operations(); cut++) {
            FaultyFolder torn = whole.copy(100 + cut);
            PowerLine line = PowerLine.cutAfter(cut);
            assertThrows(PowerCut.class, () -> publishTo(torn, line, release), "cut " + cut);
            torn.powerOn(PowerLine.steady());
            if (verify(torn).releases() == 1) {
                publishTo(torn, PowerLine.steady(), release);
            }
            assertEquals(2, verify(torn).releases(), "cut " + cut);
        }
    }

    @Test
    void survivesAPowerCutAtEveryRemoval() throws FlipsideException, IOException {
        init();
        for (String version : List.of("1", "2", "3")) {
            publish(TestRelease.of(version));
        }
        promote("stable", "3");
        GarbageCollection.Request request =
                new GarbageCollection.Request(1, java.util.Set.of(), false);
        GarbageCollection.run(publisher(), request);
        MetadataRefresh.run(publisher());
        FaultyFolder whole = copy(1);
        PowerLine counting = PowerLine.steady();
        GarbageCollection.Collected all = collect(whole.copy(2), counting, request);
        assertTrue(all.files() > 10, "files " + all.files());
        for (long cut = 0; cut < counting.operations(); cut += 3) {
            FaultyFolder torn = whole.copy(100 + cut);
            PowerLine line = PowerLine.cutAfter(cut);
            assertThrows(PowerCut.class, () -> collect(torn, line, request), "cut " + cut);
            torn.powerOn(PowerLine.steady());
            assertEquals(1, verify(torn).releases(), "cut " + cut);
        }
    }

    private GarbageCollection.Collected collect(
            FaultyFolder target, PowerLine line, GarbageCollection.Request request)
            throws FlipsideException, IOException {
        RepositoryWriter writer =
                writerOf(target, line).load(files -> files.metadata(RepositoryFiles.WHENEVER));
        return GarbageCollection.run(writer, publisher(), request);
    }

    @Test
    void noticesAnotherPublisherWhereNoLockKeepsItOut() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        FaultyFolder shared = copy(1);
        RepositoryWriter slow =
                writerOf(shared, PowerLine.steady())
                        .load(files -> files.metadata(RepositoryFiles.WHENEVER));
        publishTo(shared, PowerLine.steady(), TestRelease.of("2").writeTo(folder.resolve("b")));
        RepositoryKeys all = RepositoryKeys.read(keys, Role.values());
        assertRefused(FailureCode.REPOSITORY_BUSY, () -> slow.refresh(all));
        assertEquals(2, verify(shared).releases());
    }
}
