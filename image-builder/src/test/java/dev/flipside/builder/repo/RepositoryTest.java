package dev.flipside.builder.repo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.repo.RepositoryVerification.Freshness;
import dev.flipside.builder.repo.RepositoryVerification.Report;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.repository.Channel;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** What init, publish and promote write, and what they refuse. */
final class RepositoryTest extends SignedRepository {
    @Test
    void beginsEmptySignedAndFresh() throws FlipsideException, IOException {
        init();
        Freshness fresh = new Freshness(Role.TIMESTAMP, TestMetadata.NOW.plus(Duration.ofDays(7)));
        assertEquals(new Report(0, 0, 0, 4, 0, fresh), verify());
        assertEquals(1, metadata().root().keysOf(Role.ROOT).keyIds().size());
    }

    @Test
    void makesTheKeysThatAreMissingAndUsesThoseThatAreThere()
            throws FlipsideException, IOException {
        Files.delete(keys.resolve("targets-1.key.pem"));
        Files.delete(keys.resolve("targets-1.pub.pem"));
        new KeyFiles(keys.resolve("root-2")).create(TestSigner.number(9).pair());
        init();
        assertTrue(Files.exists(keys.resolve("targets-1.key.pem")));
        assertTrue(
                metadata()
                        .root()
                        .keysOf(Role.ROOT)
                        .keyIds()
                        .contains(TestSigner.number(9).keyId()));
        publish(TestRelease.of("1"));
    }

    @Test
    void isNotMadeTwice() throws FlipsideException, IOException {
        init();
        assertRefusedWithoutATrace(FailureCode.OUTPUT_EXISTS, this::init);
    }

    @Test
    void isMadeAgainWhereItWasCutOffBeforeTheTimestamp() throws FlipsideException, IOException {
        init();
        Files.delete(repository.resolve("metadata/timestamp.json"));
        init();
        verify();
    }

    @Test
    void publishesAReleaseWithItsBlobsButNotTheImage() throws FlipsideException, IOException {
        init();
        TestRelease release = TestRelease.of("1");
        ReleasePublication.Published published = publish(release);
        String target = RepositoryLayout.release("shop", Architecture.X86_64, "1");
        assertTrue(
                Files.exists(
                        repository.resolve(
                                "targets/releases/shop/x86-64/1/"
                                        + published.manifestSha256()
                                        + ".release.json")));
        assertEquals(2, metadata().targets().version());
        assertTrue(metadata().targets().target(target).isPresent());
        for (Artifact.Role role : Artifact.Role.values()) {
            byte[] content = release.content(role);
            Path blob = repository.resolve(RepositoryLayout.blob(Digests.sha256(content)));
            assertEquals(role != Artifact.Role.IMAGE, Files.exists(blob), role.code());
            if (Files.exists(blob)) {
                assertArrayEquals(content, Files.readAllBytes(blob));
            }
        }
        assertEquals(8, verify().blobs());
    }

    @Test
    void removesWhatAWriterThatWasCutOffHasLeft() throws FlipsideException, IOException {
        init();
        Path half = Files.write(repository.resolve("metadata/.tmp-3"), new byte[100]);
        publish(TestRelease.of("1"));
        assertTrue(Files.notExists(half));
        verify();
    }

    @Test
    void storesABlobThatTwoReleasesShareOnce() throws FlipsideException, IOException {
        init();
        long all = publish(TestRelease.of("1")).newBlobBytes();
        long tree = TestRelease.of("1").content(Artifact.Role.TREE).length;
        assertEquals(all - tree, publish(TestRelease.of("2")).newBlobBytes());
        Path blob =
                repository.resolve(
                        RepositoryLayout.blob(
                                Digests.sha256(TestRelease.of("1").content(Artifact.Role.TREE))));
        Files.write(blob, new byte[] {1});
        assertEquals(all, publish(TestRelease.of("3")).newBlobBytes());
        verify();
    }

    @Test
    void refusesASecondReleaseOfAVersion() throws FlipsideException, IOException {
        init();
        Path release = TestRelease.of("1").writeTo(folder.resolve("release"));
        publish(release);
        assertRefusedWithoutATrace(FailureCode.RELEASE_EXISTS, () -> publish(release));
        publish(new TestRelease("shop", Architecture.ARM64, "1", 1));
    }

    @Test
    void refusesAReleaseThatIsNotWhatItsManifestSays() throws FlipsideException, IOException {
        init();
        Path release = TestRelease.of("1").writeTo(folder.resolve("release"));
        for (Artifact.Role role : Artifact.Role.values()) {
            Path file = release.resolve(TestRelease.name(role));
            byte[] content = Files.readAllBytes(file);
            byte[] flipped = content.clone();
            flipped[flipped.length - 1] ^= 1;
            Files.write(file, flipped);
            assertRefusedWithoutATrace(FailureCode.DIGEST_MISMATCH, () -> publish(release));
            Files.write(file, Arrays.copyOf(content, content.length + 1));
            assertRefusedWithoutATrace(FailureCode.DIGEST_MISMATCH, () -> publish(release));
            Files.delete(file);
            assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> publish(release));
            Files.write(file, content);
        }
        Path manifest = release.resolve("release.json");
        Files.write(manifest, new byte[] {'{'});
        assertRefusedWithoutATrace(FailureCode.MANIFEST_MALFORMED, () -> publish(release));
        Files.delete(manifest);
        assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> publish(release));
        assertRefusedWithoutATrace(
                FailureCode.INPUT_MISSING, () -> publish(folder.resolve("nothing")));
    }

    @Test
    void refusesKeysThatTheRootDoesNotList() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        for (Role role : new Role[] {Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP}) {
            KeyFiles files = new KeyFiles(keys.resolve(role.code() + "-1"));
            Path away = folder.resolve("away");
            Files.move(files.privateFile(), away);
            assertRefusedWithoutATrace(FailureCode.KEY_MISSING, () -> promote("stable", "1"));
            Files.move(away, files.privateFile());
        }
        Files.delete(keys.resolve("root-1.key.pem"));
        promote("stable", "1");
        keys = Files.createDirectory(folder.resolve("other"));
        RepositoryKeys.makeMissing(keys, KeyAlgorithm.ED25519);
        assertRefusedWithoutATrace(FailureCode.KEY_MISSING, () -> promote("beta", "1"));
    }

    @Test
    void changesNoFileButTheTimestamp() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        promote("stable", "1");
        SortedMap<String, String> before = digests();
        byte[] timestamp = Files.readAllBytes(repository.resolve("metadata/timestamp.json"));
        publish(TestRelease.of("2"));
        promote("stable", "2");
        SortedMap<String, String> after = digests();
        before.forEach(
                (path, digest) -> {
                    if (path.equals("metadata/timestamp.json")) {
                        assertNotEquals(digest, after.get(path));
                    } else {
                        assertEquals(digest, after.get(path), path);
                    }
                });
        // Whoever still reads the old timestamp finds all that it names.
        Files.write(repository.resolve("metadata/timestamp.json"), timestamp);
        assertEquals(1, verify().releases());
    }

    @Test
    void isTheSameBytesForTheSameKeysAndTime() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        promote("stable", "1");
        SortedMap<String, String> first = digests();
        repository = folder.resolve("again");
        init();
        publish(folder.resolve("release-1"));
        promote("stable", "1");
        assertEquals(first, digests());
    }

    @Test
    void pointsAChannelToARelease() throws FlipsideException, IOException {
        init();
        String first = publish(TestRelease.of("1")).manifestSha256();
        String second = publish(TestRelease.of("2")).manifestSha256();
        assertEquals(new Channel.Pointer("1", first), promote("stable", "1").release());
        Channel channel = promote("stable", "2");
        assertEquals(new Channel.Pointer("2", second), channel.release());
        byte[] file = channel.write();
        assertArrayEquals(
                file,
                Files.readAllBytes(
                        repository.resolve(
                                "targets/channels/shop/x86-64/"
                                        + Digests.sha256(file)
                                        + ".stable.json")));
        promote("beta", "1");
        assertEquals(2, verify().channels());
    }

    @Test
    void asksWhichReleaseIsMeantWhereSeveralHaveAVersion() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        publish(new TestRelease("shop", Architecture.ARM64, "1", 1).writeTo(folder.resolve("arm")));
        publish(
                new TestRelease("till", Architecture.ARM64, "1", 1)
                        .writeTo(folder.resolve("till")));
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> promote("stable", "1"));
        Optional<Architecture> arm = Optional.of(Architecture.ARM64);
        assertRefusedWithoutATrace(
                FailureCode.ARGUMENT_INVALID, () -> promote(request(Optional.empty(), arm)));
        Channel channel = promote(request(Optional.of("shop"), arm));
        assertEquals("shop", channel.product());
        assertEquals(Architecture.ARM64, channel.architecture());
        assertEquals("till", promote(request(Optional.of("till"), Optional.empty())).product());
    }

    private static ChannelPromotion.Request request(
            Optional<String> product, Optional<Architecture> architecture) {
        return new ChannelPromotion.Request(
                new Choice(product, architecture, Optional.empty()),
                "stable",
                "1",
                List.of(),
                false);
    }

    @Test
    void refusesToPromoteWhatIsNotThere() throws FlipsideException, IOException {
        init();
        assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> promote("stable", "1"));
        publish(TestRelease.of("1"));
        assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> promote("stable", "1.0"));
        assertRefusedWithoutATrace(FailureCode.NAME_INVALID, () -> promote("../stable", "1"));
    }

    @Test
    void keepsTheRulesOfAChannelAndRefusesWhatTheyExclude() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        Channel.Pointer gone =
                new Channel.Pointer(
                        "2",
                        publish(new TestRelease("shop", Architecture.X86_64, "2", 5))
                                .manifestSha256());
        publish(new TestRelease("shop", Architecture.X86_64, "3", 5));
        Channel rules =
                new Channel(
                        "shop",
                        Architecture.X86_64,
                        "stable",
                        gone,
                        5,
                        List.of(),
                        List.of(gone),
                        List.of());
        writeChannel(rules);
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> promote("stable", "1"));
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> promote("stable", "2"));
        Channel next = promote("stable", "3");
        assertEquals(rules, next.withRelease(gone));
    }
}
