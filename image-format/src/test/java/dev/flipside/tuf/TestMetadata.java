package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.tuf.RoleKeys.KeyGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    public final Map<Role, List<KeyGroup>> groups = new EnumMap<>(Role.class);
    public final List<TestSigner> groupSigners = new ArrayList<>();
    public final Map<Role, Long> versions = new EnumMap<>(Role.class);
    public final Map<Role, Instant> expiries = new EnumMap<>(Role.class);
    public final SortedMap<String, Target> targets = new TreeMap<>();
    public final SortedMap<String, MetaFile> otherTargetsFiles = new TreeMap<>();
    public Optional<Delegations> delegations = Optional.empty();
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
                    roles.put(
                            role,
                            new RoleKeys(
                                    keyIds,
                                    thresholds.get(role),
                                    groups.getOrDefault(role, List.of())));
                });
        groupSigners.forEach(signer -> keys.put(signer.keyId(), signer.publicKey()));
        return new RootMetadata(
                versions.get(Role.ROOT), expiries.get(Role.ROOT), consistentSnapshot, keys, roles);
    }

    /** Demands a signature of each of these keys beside the threshold of a role. */
    public void demand(Role role, TestSigner... ofGroup) {
        List<KeyGroup> list = new ArrayList<>();
        for (TestSigner signer : ofGroup) {
            groupSigners.add(signer);
            list.add(
                    new KeyGroup(
                            signer.publicKey().scheme().orElseThrow().code(),
                            Set.of(signer.keyId()),
                            1));
        }
        groups.put(role, list);
    }

    /** A delegation to one role with one key, for some paths. */
    public static DelegatedRole delegation(
            String name, TestSigner signer, boolean terminating, String... patterns) {
        return new DelegatedRole(
                name,
                new RoleKeys(Set.of(signer.keyId()), 1),
                terminating,
                List.of(patterns),
                List.of());
    }

    /** Delegations whose keys are all known. */
    public static Delegations delegations(List<TestSigner> signers, DelegatedRole... roles) {
        SortedMap<String, VerificationKey> keys = new TreeMap<>();
        signers.forEach(signer -> keys.put(signer.keyId(), signer.publicKey()));
        return new Delegations(keys, List.of(roles));
    }

    /**
     * Delegates from the top-level role to one role, whose targets are all empty.
     *
     * @return the file of the delegated role
     */
    public byte[] delegate(String name, DelegatedRole role, TestSigner signer) {
        delegations = Optional.of(delegations(List.of(signer), role));
        byte[] file = signed(new TargetsMetadata(1, FRESH, new TreeMap<>()), List.of(signer));
        otherTargetsFiles.put(name + ".json", MetaFile.of(1, file));
        return file;
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
                        versions.get(Role.TARGETS),
                        expiries.get(Role.TARGETS),
                        targets,
                        delegations),
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
            return CanonicalJson.encodeFile(json, "test");
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
