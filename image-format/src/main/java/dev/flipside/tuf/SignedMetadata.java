package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.tuf.RoleKeys.KeyGroup;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A metadata file (TUF 1.0, section 4.2): what is signed, and who signed it.
 *
 * <p>Invariant: signatures are made and checked over the canonical form of the signed object as it
 * stands in the file, with the fields in it that this code does not know.
 */
public final class SignedMetadata<M extends Metadata> {
    private static final int MAX_SIGNATURES = 256;
    private static final byte[] NO_SIGNATURE = {};

    private final M metadata;
    private final ObjectNode signed;
    private final byte[] signedBytes;
    private final Map<String, byte[]> signatures;

    private SignedMetadata(
            M metadata, ObjectNode signed, byte[] signedBytes, Map<String, byte[]> signatures) {
        this.metadata = metadata;
        this.signed = signed;
        this.signedBytes = signedBytes;
        this.signatures = signatures;
    }

    /** What the file says, trusted only after {@link #checkSignedBy}. */
    public M metadata() {
        return metadata;
    }

    /** What a signature is made over. */
    public byte[] signedBytes() {
        return signedBytes.clone();
    }

    /** The ids of the keys that are said to have signed. */
    public Set<String> signerIds() {
        return Collections.unmodifiableSet(signatures.keySet());
    }

    /** Reads the signed object of one role. */
    @FunctionalInterface
    interface Parser<M extends Metadata> {
        M parse(JsonFields signed) throws FlipsideException;
    }

    public static SignedMetadata<RootMetadata> root(byte[] file) throws FlipsideException {
        return parse(file, Role.ROOT, RootMetadata::parse);
    }

    public static SignedMetadata<TimestampMetadata> timestamp(byte[] file)
            throws FlipsideException {
        return parse(file, Role.TIMESTAMP, TimestampMetadata::parse);
    }

    public static SignedMetadata<SnapshotMetadata> snapshot(byte[] file) throws FlipsideException {
        return parse(file, Role.SNAPSHOT, SnapshotMetadata::parse);
    }

    public static SignedMetadata<TargetsMetadata> targets(byte[] file) throws FlipsideException {
        return parse(file, Role.TARGETS, TargetsMetadata::parse);
    }

    /** Metadata to be signed: encode, sign {@link #signedBytes}, {@link #signedBy}. */
    public static <M extends Metadata> SignedMetadata<M> unsigned(M metadata)
            throws FlipsideException {
        ObjectNode json = metadata.json();
        return new SignedMetadata<>(
                metadata, json, CanonicalJson.encode(json, metadata.role().fileName()), Map.of());
    }

    /** The same with one more signature. */
    public SignedMetadata<M> signedBy(String keyId, byte[] signature) {
        Map<String, byte[]> more = new LinkedHashMap<>(signatures);
        more.put(keyId, signature.clone());
        return new SignedMetadata<>(metadata, signed, signedBytes, more);
    }

    /** The file, in one form, so that the same metadata and keys are the same bytes. */
    public byte[] encode() throws FlipsideException {
        String what = metadata.role().fileName();
        ObjectNode file = StrictJson.object();
        ArrayNode list = file.putArray("signatures");
        signatures.forEach(
                (keyId, signature) ->
                        list.addObject()
                                .put("keyid", keyId)
                                .put("sig", HexFormat.of().formatHex(signature)));
        file.set("signed", signed);
        return CanonicalJson.encodeFile(file, what);
    }

    /**
     * Checks that a threshold of a role's keys has signed, and one of each of its groups. A key is
     * counted once: its id cannot stand twice in the file, and the same key under a second id is
     * the same signer. Signatures of other keys, and signatures that do not verify, count for
     * nothing and harm nothing.
     */
    public void checkSignedBy(RootMetadata signers, Role role, AlgorithmPolicy algorithms)
            throws FlipsideException {
        checkSignedBy(
                signers.keys(),
                signers.keysOf(role),
                algorithms,
                "the " + role.code() + " role of root version " + signers.version());
    }

    /** The same, with every kind of key allowed. */
    public void checkSignedBy(RootMetadata signers, Role role) throws FlipsideException {
        checkSignedBy(signers, role, AlgorithmPolicy.ANY);
    }

    /** The same, for a role to which another one delegates. */
    void checkSignedBy(Delegations signers, DelegatedRole role, AlgorithmPolicy algorithms)
            throws FlipsideException {
        checkSignedBy(signers.keys(), role.keys(), algorithms, "the role " + role.name());
    }

    private void checkSignedBy(
            Map<String, VerificationKey> keys,
            RoleKeys role,
            AlgorithmPolicy algorithms,
            String whose)
            throws FlipsideException {
        checkThreshold(
                signersAmong(keys, role.keyIds(), algorithms, Set.of()), role.threshold(), whose);
        Set<String> counted = new HashSet<>();
        for (KeyGroup group : role.groups()) {
            Set<String> met = signersAmong(keys, group.keyIds(), algorithms, counted);
            checkThreshold(met, group.threshold(), "the group " + group.name() + " of " + whose);
            counted.addAll(met);
        }
    }

    private Set<String> signersAmong(
            Map<String, VerificationKey> keys,
            Set<String> keyIds,
            AlgorithmPolicy algorithms,
            Set<String> counted) {
        Set<String> met = new HashSet<>();
        for (String keyId : keyIds) {
            VerificationKey key = keys.get(keyId);
            byte[] signature = signatures.get(keyId);
            if (key != null
                    && signature != null
                    && algorithms.allows(key)
                    && !counted.contains(key.identity())
                    && key.verifies(signedBytes, signature)) {
                met.add(key.identity());
            }
        }
        return met;
    }

    private void checkThreshold(Set<String> met, int threshold, String whose)
            throws FlipsideException {
        if (met.size() < threshold) {
            throw new FlipsideException(
                    met.isEmpty() ? FailureCode.SIGNATURE_INVALID : FailureCode.SIGNATURES_TOO_FEW,
                    metadata.role().fileName() + " version " + metadata.version(),
                    threshold + " signature(s) by distinct keys of " + whose,
                    Integer.toString(met.size()),
                    "sign the file with more keys of the role, or use another mirror");
        }
    }

    private static <M extends Metadata> SignedMetadata<M> parse(
            byte[] file, Role role, Parser<M> parser) throws FlipsideException {
        String what = role.fileName();
        if (file.length > role.maxBytes()) {
            throw new FlipsideException(
                    FailureCode.METADATA_MALFORMED,
                    what,
                    "at most " + role.maxBytes() + " bytes",
                    file.length + " bytes",
                    "use another mirror");
        }
        JsonFields fields = parseJson(file, what);
        JsonFields signed = fields.object("signed");
        return new SignedMetadata<>(
                parser.parse(signed),
                signed.node(),
                CanonicalJson.encode(signed.node(), what),
                parseSignatures(fields));
    }

    // What an attacker may hope to gain from the form of a file has codes of its own.
    private static JsonFields parseJson(byte[] file, String what) throws FlipsideException {
        try {
            return JsonFields.parse(file, what, FailureCode.METADATA_MALFORMED);
        } catch (FlipsideException e) {
            throw switch (StrictJson.faultOf(e)) {
                case DUPLICATE_KEY -> withCode(FailureCode.METADATA_AMBIGUOUS, e);
                case TOO_DEEP -> withCode(FailureCode.METADATA_TOO_DEEP, e);
                case OTHER -> e;
            };
        }
    }

    private static FlipsideException withCode(FailureCode code, FlipsideException e) {
        Failure failure = e.failure();
        return new FlipsideException(
                new Failure(
                        code,
                        failure.what(),
                        failure.expected(),
                        failure.found(),
                        failure.action()),
                e);
    }

    private static Map<String, byte[]> parseSignatures(JsonFields fields) throws FlipsideException {
        Map<String, byte[]> signatures = new LinkedHashMap<>();
        for (JsonFields signature : fields.list("signatures", MAX_SIGNATURES)) {
            String keyId = signature.string("keyid");
            // 4.2: "The keyid MUST be unique in the signatures array".
            if (signatures.put(keyId, hexOrNothing(signature.string("sig"))) != null) {
                throw new FlipsideException(
                        FailureCode.SIGNATURE_REPEATED,
                        fields.what() + ": signatures",
                        "each key id once",
                        keyId.length() > 80 ? "one twice" : keyId + " twice",
                        "sign the file again, or use another mirror");
            }
        }
        return signatures;
    }

    // A placeholder for a signature that is still to be made is legal; it is no signature.
    private static byte[] hexOrNothing(String text) {
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            return NO_SIGNATURE;
        }
    }
}
