package dev.flipside.builder.repo;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.repo.KeyRotation.Request;
import dev.flipside.builder.repo.KeyRotation.Rotated;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.TestSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which keys a repository begins with, and how it gets others. */
final class KeyRotationTest extends SignedRepository {
    private static final Seat TARGETS = Seat.of(Role.TARGETS);
    private static final Seat QUANTUM = new Seat(Role.TARGETS, Optional.of("pq"));

    private Rotated rotate(Request request) throws FlipsideException, IOException {
        return KeyRotation.run(publisher(), request);
    }

    private Rotated rotate(Role role) throws FlipsideException, IOException {
        return rotate(Request.of(role));
    }

    private void init(AlgorithmPolicy algorithms, Map<Seat, Integer> thresholds)
            throws FlipsideException, IOException {
        RepositoryInit.run(
                publisher(),
                new RepositoryInit.Request(
                        new RepositorySettings(Lifetimes.DEFAULT, algorithms), thresholds));
    }

    private void make(String name, KeyAlgorithm algorithm) throws FlipsideException, IOException {
        new KeyFiles(keys.resolve(name)).create(algorithm.generate());
    }

    private RootMetadata root() throws FlipsideException, IOException {
        return metadata().root();
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void givesARoleAnotherKeyAndRetiresTheOldOne(Role role) throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        Set<String> old = root().keysOf(role).keyIds();
        Rotated rotated = rotate(role);
        assertEquals(
                List.of(List.of(role.code() + "-2"), 1, 2L),
                List.of(rotated.added(), rotated.retired(), rotated.rootVersion()));
        assertEquals(1, root().keysOf(role).keyIds().size());
        assertFalse(old.containsAll(root().keysOf(role).keyIds()));
        Files.delete(keys.resolve(role.code() + "-1.key.pem"));
        promote("stable", "1");
        MetadataRefresh.run(publisher());
        assertEquals(1, verify().releases());
        assertEquals(List.of(role.code() + "-3"), rotate(role).added(), "a retired key stays so");
        verify();
    }

    @Test
    void rotatesRootTenTimes() throws FlipsideException, IOException {
        init();
        for (int version = 2; version <= 11; version++) {
            assertEquals(version, rotate(Role.ROOT).rootVersion());
        }
        verify();
        Files.delete(repository.resolve("metadata/7.root.json"));
        assertThrows(FlipsideException.class, this::verify);
    }

    @Test
    void needsTheOldRootKeysForANewRoot() throws FlipsideException, IOException {
        init();
        Files.delete(keys.resolve("root-1.key.pem"));
        for (Role role : Role.values()) {
            assertRefusedWithoutATrace(FailureCode.KEY_MISSING, () -> rotate(role));
        }
    }

    @Test
    void addsKeysAndAsksForMoreSignatures() throws FlipsideException, IOException {
        init();
        make("targets-2", KeyAlgorithm.ECDSA_P256);
        make("targets-3", KeyAlgorithm.ECDSA_P384);
        Request request =
                new Request(Role.TARGETS, List.of(), true, Map.of(TARGETS, 2), Optional.empty());
        assertEquals(List.of("targets-2", "targets-3"), rotate(request).added());
        assertEquals(3, root().keysOf(Role.TARGETS).keyIds().size());
        publish(TestRelease.of("1"));
        Files.delete(keys.resolve("targets-1.key.pem"));
        publish(TestRelease.of("2"));
        Files.delete(keys.resolve("targets-2.key.pem"));
        assertRefusedWithoutATrace(FailureCode.KEY_MISSING, () -> publish(TestRelease.of("3")));
        verify();
    }

    @Test
    void retiresOneKeyOfSeveralByNameOrId() throws FlipsideException, IOException {
        make("root-2", KeyAlgorithm.ED25519);
        make("root-3", KeyAlgorithm.ED25519);
        init(AlgorithmPolicy.ANY, Map.of(Seat.of(Role.ROOT), 2));
        Request retire =
                new Request(Role.ROOT, List.of("root-2"), false, Map.of(), Optional.empty());
        assertEquals(1, rotate(retire).retired());
        assertEquals(2, root().keysOf(Role.ROOT).keyIds().size());
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> rotate(retire));
        String id = root().keysOf(Role.ROOT).keyIds().iterator().next();
        assertRefusedWithoutATrace(
                FailureCode.KEY_MISSING,
                () ->
                        rotate(
                                new Request(
                                        Role.ROOT,
                                        List.of(id),
                                        false,
                                        Map.of(),
                                        Optional.empty())));
        verify();
    }

    @Test
    void renewsARootWhoseKeysStay() throws FlipsideException, IOException {
        init();
        Set<String> before = root().keysOf(Role.ROOT).keyIds();
        now = now.plus(java.time.Duration.ofDays(300));
        rotate(new Request(Role.ROOT, List.of(), true, Map.of(), Optional.empty()));
        RootMetadata renewed =
                RepositoryFiles.open(repository).roots(RepositoryFiles.WHENEVER).getLast().root();
        assertEquals(before, renewed.keysOf(Role.ROOT).keyIds());
        assertEquals(now.plus(java.time.Duration.ofDays(365)), renewed.expires());
    }

    @Test
    void demandsAClassicalAndAPostQuantumSignature() throws FlipsideException, IOException {
        make("targets.pq-1", KeyAlgorithm.ML_DSA_65);
        init();
        publish(TestRelease.of("1"));
        assertEquals("pq", root().keysOf(Role.TARGETS).groups().getFirst().name());
        verify();
        for (String name : List.of("targets-1.key.pem", "targets.pq-1.key.pem")) {
            Files.move(keys.resolve(name), folder.resolve("away"));
            assertRefusedWithoutATrace(FailureCode.KEY_MISSING, () -> publish(TestRelease.of("2")));
            Files.move(folder.resolve("away"), keys.resolve(name));
        }
        make("targets.pq-2", KeyAlgorithm.ML_DSA_65);
        rotate(Role.TARGETS);
        assertEquals(1, root().keysOf(Role.TARGETS).groups().getFirst().keyIds().size());
        assertEquals(1, root().keysOf(Role.TARGETS).keyIds().size(), "the classical one stays");
        verify();
    }

    @Test
    void refusesThresholdsThatCouldNeverBeMet() throws FlipsideException, IOException {
        Files.createDirectories(repository);
        assertRefused(FailureCode.KEY_MISSING, () -> init(AlgorithmPolicy.ANY, Map.of(TARGETS, 2)));
        assertRefused(
                FailureCode.ARGUMENT_INVALID, () -> init(AlgorithmPolicy.ANY, Map.of(QUANTUM, 1)));
        assertFalse(Files.exists(repository.resolve("metadata")));
        init();
    }

    @Test
    void letsOnlyApprovedKeysSignWhereFipsIsAskedFor() throws FlipsideException, IOException {
        assertRefused(FailureCode.KEY_INVALID, () -> init(AlgorithmPolicy.FIPS, Map.of()));
        for (Role role : Role.values()) {
            Files.delete(keys.resolve(role.code() + "-1.key.pem"));
            Files.delete(keys.resolve(role.code() + "-1.pub.pem"));
        }
        init(AlgorithmPolicy.FIPS, Map.of());
        publish(TestRelease.of("1"));
        promote("stable", "1");
        verify();
        new KeyFiles(keys.resolve("targets-2")).create(TestSigner.number(9).pair());
        assertRefusedWithoutATrace(FailureCode.KEY_INVALID, () -> rotate(Role.TARGETS));
    }

    @Test
    void asksNoTokenThatDoesNotHaveToSign() throws FlipsideException, IOException {
        init();
        Files.writeString(keys.resolve("root-2.key.ref"), "exec:/nothing/there");
        Files.copy(keys.resolve("root-1.pub.pem"), keys.resolve("root-2.pub.pem"));
        publish(TestRelease.of("1"));
        Files.delete(keys.resolve("targets-1.key.pem"));
        Files.writeString(keys.resolve("targets-1.key.ref"), "exec:/nothing/there");
        MetadataRefresh.run(publisher());
        assertRefusedWithoutATrace(FailureCode.SIGNING_FAILED, () -> publish(TestRelease.of("2")));
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOT", "TARGETS"})
    void survivesAPowerCutAtEveryWriteOfARotation(Role role) throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        FaultyFolder whole = copy(1);
        RepositoryKeys all = RepositoryKeys.read(keys, Role.values());
        all.makeAnother(Seat.of(role), KeyAlgorithm.ED25519);
        PowerLine counting = PowerLine.steady();
        rotateIn(whole.copy(2), counting, role);
        for (long cut = 0; cut < counting.operations(); cut++) {
            FaultyFolder torn = whole.copy(100 + cut);
            PowerLine line = PowerLine.cutAfter(cut);
            assertThrows(PowerCut.class, () -> rotateIn(torn, line, role), "cut " + cut);
            torn.powerOn(PowerLine.steady());
            assertEquals(1, verify(torn).releases(), "whole after cut " + cut);
        }
    }

    /** As {@link KeyRotation} does it, on a folder of which the power can be cut. */
    private void rotateIn(FaultyFolder target, PowerLine line, Role role)
            throws FlipsideException, IOException {
        RepositoryWriter writer =
                writerOf(target, line).load(files -> files.metadata(RepositoryFiles.WHENEVER));
        RepositoryKeys all = RepositoryKeys.read(keys, Role.values());
        Seating seating = Seating.of(writer.root());
        seating.removeAll(Seat.of(role));
        seating.add(Seat.of(role), all.publicKeys().get(new KeyName(Seat.of(role), 2)));
        writer.publish(seating.root(2, writer.expiry(Role.ROOT)), all);
    }

    @Test
    void completesARotationOfALostKeyThatWasCutOff() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        byte[] before =
                Files.readAllBytes(repository.resolve(RepositoryLayout.metadata(Role.TIMESTAMP)));
        Files.delete(keys.resolve("timestamp-1.key.pem"));
        rotate(Role.TIMESTAMP);
        verify();
        Files.write(repository.resolve(RepositoryLayout.metadata(Role.TIMESTAMP)), before);
        assertRefused(FailureCode.SIGNATURE_INVALID, this::verify);
        assertRefusedWithoutATrace(
                FailureCode.SIGNATURE_INVALID, () -> publish(TestRelease.of("2")));
        MetadataRefresh.run(publisher());
        assertTrue(verify().releases() == 1);
        publish(TestRelease.of("2"));
    }
}
