package dev.flipside.builder.repo;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Changes that keys elsewhere have to sign. */
final class ProposalTest extends SignedRepository {
    private int signatures;

    /** Takes the private half of a key to where its holder is. */
    private SigningKey away(String name) throws FlipsideException, IOException {
        Path offline = Files.createDirectories(folder.resolve("offline"));
        for (String ending : List.of(".key.pem", ".pub.pem")) {
            Files.copy(keys.resolve(name + ending), offline.resolve(name + ending));
        }
        Files.delete(keys.resolve(name + ".key.pem"));
        return SigningKey.read(new KeyFiles(offline.resolve(name)));
    }

    private Path sign(String payload, SigningKey key) throws FlipsideException, IOException {
        Path out = folder.resolve("signature-" + signatures++);
        PayloadSigning.sign(repository.resolve(payload), key, out);
        return out;
    }

    private Outcome submit(Path... signatureFiles) throws FlipsideException, IOException {
        return SignatureImport.run(publisher(), List.of(signatureFiles), Optional.empty());
    }

    private static List<String> payloads(Outcome outcome) {
        return assertInstanceOf(Outcome.Proposed.class, outcome).payloads();
    }

    private Outcome propose(TestRelease release) throws FlipsideException, IOException {
        Path built = folder.resolve("release-" + release.version());
        return ReleasePublication.run(publisher().proposing(), release.writeTo(built)).outcome();
    }

    private Outcome proposePromotion(String version) throws FlipsideException, IOException {
        return ChannelPromotion.run(
                        publisher().proposing(), new ChannelPromotion.Request("stable", version))
                .outcome();
    }

    @Test
    void publishesAReleaseAndItsPromotionWithOneSignatureFromElsewhere()
            throws FlipsideException, IOException {
        init();
        SigningKey offline = away("targets-1");
        assertEquals(List.of("proposed/targets-2.payload"), payloads(propose(TestRelease.of("1"))));
        List<String> payloads = payloads(proposePromotion("1"));
        assertEquals(0, verify().releases(), "nothing is published yet");
        MetadataRefresh.run(publisher());
        assertTrue(
                PayloadSigning.describe(repository.resolve(payloads.getFirst())).stream()
                        .anyMatch(line -> line.contains("channels/shop/x86-64/stable.json")));
        assertInstanceOf(Outcome.Published.class, submit(sign(payloads.getFirst(), offline)));
        assertEquals(1, verify().releases());
        assertEquals(1, verify().channels());
        try (Stream<Path> left = Files.list(repository.resolve("proposed"))) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void waitsForAThresholdOfDistinctKeys() throws FlipsideException, IOException {
        new KeyFiles(keys.resolve("targets-2")).create(KeyAlgorithm.ECDSA_P384.generate());
        new KeyFiles(keys.resolve("targets.pq-1")).create(KeyAlgorithm.ML_DSA_65.generate());
        RepositoryInit.run(
                publisher(),
                new RepositoryInit.Request(
                        RepositorySettings.DEFAULT, Map.of(Seat.of(Role.TARGETS), 2)));
        SigningKey first = away("targets-1");
        SigningKey second = away("targets-2");
        SigningKey quantum = away("targets.pq-1");
        String payload = payloads(propose(TestRelease.of("1"))).getFirst();
        payloads(submit(sign(payload, first), sign(payload, first)));
        payloads(submit(sign(payload, second)));
        assertEquals(0, verify().releases());
        submit(sign(payload, quantum));
        assertEquals(1, verify().releases());
    }

    @Test
    void takesABareSignatureOfAnotherTool() throws FlipsideException, IOException {
        init();
        SigningKey offline = away("targets-1");
        VerificationKey signer =
                new KeyFiles(keys.resolve("targets-1")).verificationKey().orElseThrow();
        String payload = payloads(propose(TestRelease.of("1"))).getFirst();
        Path bare = folder.resolve("bare");
        Files.write(bare, offline.sign(Files.readAllBytes(repository.resolve(payload))));
        SignatureImport.run(publisher(), List.of(bare), Optional.of(signer));
        assertEquals(1, verify().releases());
    }

    @Test
    void beginsARepositoryWhoseKeysAreAllElsewhereButTheOnlineOnes()
            throws FlipsideException, IOException {
        SigningKey root = away("root-1");
        SigningKey targets = away("targets-1");
        List<String> payloads =
                payloads(RepositoryInit.run(publisher().proposing(), RepositoryInit.Request.USUAL));
        assertEquals(List.of("proposed/root-1.payload", "proposed/targets-1.payload"), payloads);
        assertRefused(FailureCode.REPOSITORY_INVALID, this::verify);
        assertRefusedWithoutATrace(FailureCode.PROPOSAL_PENDING, this::init);
        payloads(submit(sign(payloads.get(0), root)));
        submit(sign(payloads.get(1), targets));
        verify();
        assertRefusedWithoutATrace(FailureCode.OUTPUT_EXISTS, this::init);
    }

    @Test
    void rotatesRootAndTargetsByCeremony() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        SigningKey oldRoot = away("root-1");
        SigningKey oldTargets = away("targets-1");
        new KeyFiles(keys.resolve("targets-2")).create(KeyAlgorithm.ED25519.generate());
        SigningKey newTargets = away("targets-2");
        Outcome proposed =
                KeyRotation.run(publisher().proposing(), KeyRotation.Request.of(Role.TARGETS))
                        .outcome();
        List<String> payloads = payloads(proposed);
        assertEquals(List.of("proposed/root-2.payload", "proposed/targets-3.payload"), payloads);
        payloads(submit(sign(payloads.get(0), oldRoot)));
        payloads(submit(sign(payloads.get(1), oldTargets)));
        submit(sign(payloads.get(1), newTargets));
        assertEquals(2, metadata().root().version());
        verify();
    }

    @Test
    void refusesASignatureOfSomethingElseOrBySomebodyElse() throws FlipsideException, IOException {
        init();
        SigningKey offline = away("targets-1");
        String payload = payloads(propose(TestRelease.of("1"))).getFirst();
        Path stranger = sign(payload, SigningKey.read(new KeyFiles(keys.resolve("root-1"))));
        Path early = sign(payload, offline);
        payloads(proposePromotion("1"));
        for (Path wrong : List.of(stranger, early)) {
            assertRefusedWithoutATrace(FailureCode.SIGNATURE_INVALID, () -> submit(wrong));
        }
        Path torn = Files.writeString(folder.resolve("torn"), "{\"keyid\": \"");
        assertRefusedWithoutATrace(FailureCode.SIGNATURE_INVALID, () -> submit(torn));
        assertRefusedWithoutATrace(
                FailureCode.INPUT_MISSING, () -> submit(folder.resolve("nothing")));
    }

    @Test
    void signsNothingButAPayload() throws FlipsideException, IOException {
        init();
        SigningKey key = away("targets-1");
        String payload = payloads(propose(TestRelease.of("1"))).getFirst();
        byte[] whole = Files.readAllBytes(repository.resolve(payload));
        Path other = folder.resolve("other");
        Path out = folder.resolve("out");
        for (String text :
                List.of(
                        "",
                        "{}",
                        "{\"_type\":\"timestamp\"}",
                        "{\"_type\":\"targets\"}",
                        new String(whole, java.nio.charset.StandardCharsets.UTF_8) + " ")) {
            Files.writeString(other, text);
            assertRefused(
                    FailureCode.METADATA_MALFORMED, () -> PayloadSigning.sign(other, key, out));
        }
        assertFalse(Files.exists(out));
        sign(payload, key);
        Files.writeString(out, "taken");
        assertRefused(
                FailureCode.OUTPUT_EXISTS,
                () -> PayloadSigning.sign(repository.resolve(payload), key, out));
    }

    @Test
    void keepsOthersFromMakingAProposalWorthless() throws FlipsideException, IOException {
        init();
        publish(TestRelease.of("1"));
        Path targets = keys.resolve("targets-1.key.pem");
        Path back = folder.resolve("back");
        Files.move(targets, back);
        payloads(proposePromotion("1"));
        Files.move(back, targets);
        assertRefusedWithoutATrace(FailureCode.PROPOSAL_PENDING, () -> promote("stable", "1"));
        SignatureImport.discard(publisher());
        assertRefused(FailureCode.PROPOSAL_MISSING, () -> SignatureImport.discard(publisher()));
        assertRefused(FailureCode.PROPOSAL_MISSING, () -> submit());
        promote("stable", "1");
    }

    @Test
    void keepsSignaturesUntilTheOnlineKeysAreThere() throws FlipsideException, IOException {
        init();
        SigningKey offline = away("targets-1");
        String payload = payloads(propose(TestRelease.of("1"))).getFirst();
        Publisher withoutKeys = new Publisher(repository, Path.of(""), clock());
        payloads(
                SignatureImport.run(
                        withoutKeys, List.of(sign(payload, offline)), Optional.empty()));
        assertEquals(0, verify().releases());
        GarbageCollection.run(
                publisher().proposing(),
                new GarbageCollection.Request(1, java.util.Set.of(), false));
        assertInstanceOf(Outcome.Published.class, submit());
        assertEquals(1, verify().releases());
    }
}
