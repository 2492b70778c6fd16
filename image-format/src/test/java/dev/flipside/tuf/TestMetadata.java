package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A repository's metadata as a test wants it: honest by default, each part of it within reach of an
 * attack. Files that refer to others pin them by version, length and digest.
 */
public final class TestMetadata {
    /** When everything happens. */
    public static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    public static final Instant FRESH = NOW.plus(Duration.ofDays(7));
    public static final Instant EXPIRED = NOW.minusSeconds(1);

    public final Map<Role, List<TestSigner>> signers = new EnumMap<>(Role.class);
    public final Map<Role, Integer> thresholds = new EnumMap<>(Role.class);
    public final Map<Role, Long> versions = new EnumMap<>(Role.class);
    public final Map<Role, Instant> expiries = new EnumMap<>(Role.class);
    public final SortedMap<String, Target> targets = new TreeMap<>();
    public final SortedMap<String, MetaFile> otherTargetsFiles = new TreeMap<>();
    public boolean consistentSnapshot = true;

    public TestMetadata() {
        int number = 1;
        for (Role role : Role.values()) {
            signers.put(role, List.of(TestSigner.number(number++)));
            thresholds.put(role, 1);
            versions.put(role, 1L);
            expiries.put(role, FRESH);
        }
    }

    public void raise(Role... roles) {
        for (Role role : roles) {
            versions.merge(role, 1L, Long::sum);
        }
    }

    public RootMetadata root() {
        SortedMap<String, VerificationKey> keys = new TreeMap<>();
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        signers.forEach(
                (role, list) -> {
                    Set<String> keyIds = new LinkedHashSet<>();
                    for (TestSigner signer : list) {
                        keys.put(signer.keyId(), signer.publicKey());
                        keyIds.add(signer.keyId());
                    }
                    roles.put(role, new RoleKeys(keyIds, thresholds.get(role)));
                });
        return new RootMetadata(
                versions.get(Role.ROOT), expiries.get(Role.ROOT), consistentSnapshot, keys, roles);
    }

    /** The root file, signed by its own keys and by others. */
    public byte[] rootFile(TestSigner... others) {
        List<TestSigner> all = new ArrayList<>(signers.get(Role.ROOT));
        all.addAll(Arrays.asList(others));
        return signed(root(), all);
    }

    public byte[] targetsFile() {
        return signed(
                new TargetsMetadata(
                        versions.get(Role.TARGETS), expiries.get(Role.TARGETS), targets, false),
                signers.get(Role.TARGETS));
    }

    public byte[] snapshotFile() {
        SortedMap<String, MetaFile> meta = new TreeMap<>(otherTargetsFiles);
        meta.put("targets.json", MetaFile.of(versions.get(Role.TARGETS), targetsFile()));
        return signed(
                new SnapshotMetadata(
                        versions.get(Role.SNAPSHOT), expiries.get(Role.SNAPSHOT), meta),
                signers.get(Role.SNAPSHOT));
    }

    public byte[] timestampFile() {
        return signed(
                new TimestampMetadata(
                        versions.get(Role.TIMESTAMP),
                        expiries.get(Role.TIMESTAMP),
                        MetaFile.of(versions.get(Role.SNAPSHOT), snapshotFile())),
                signers.get(Role.TIMESTAMP));
    }

    public static byte[] signed(Metadata metadata, List<TestSigner> signers) {
        try {
            SignedMetadata<Metadata> file = SignedMetadata.unsigned(metadata);
            for (TestSigner signer : signers) {
                file = file.signedBy(signer.keyId(), signer.sign(file.signedBytes()));
            }
            return file.encode();
        } catch (FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The file with something changed in the signed object, signed again. */
    public static byte[] resigned(byte[] file, Consumer<ObjectNode> change, TestSigner... signers) {
        try {
            ObjectNode json = json(file);
            ObjectNode signed = (ObjectNode) json.get("signed");
            change.accept(signed);
            byte[] message = CanonicalJson.encode(signed, "test");
            var signatures = json.putArray("signatures");
            for (TestSigner signer : signers) {
                signatures
                        .addObject()
                        .put("keyid", signer.keyId())
                        .put("sig", java.util.HexFormat.of().formatHex(signer.sign(message)));
            }
            return CanonicalJson.encode(json, "test");
        } catch (FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The file with anything changed, its signatures left as they were. */
    public static byte[] edited(byte[] file, Consumer<ObjectNode> change) {
        ObjectNode json = json(file);
        change.accept(json);
        return StrictJson.pretty(json);
    }

    private static ObjectNode json(byte[] file) {
        try {
            return StrictJson.parse(file, "test", FailureCode.METADATA_MALFORMED);
        } catch (FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }
}
