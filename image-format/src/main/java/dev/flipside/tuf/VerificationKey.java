package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A public key of a role (TUF 1.0, section 4.2). Two keys are the same signer when their {@link
 * #identity} is the same, whatever ids they stand under.
 */
public sealed interface VerificationKey {
    /** The SHA-256 of the canonical form of the whole key object, in lowercase hex. */
    String keyId();

    /** What a threshold counts: the key material itself. */
    String identity();

    /** The key object as it stands in the metadata, unknown fields included. */
    ObjectNode json();

    /** Whether this key made this signature. Never throws, whatever the bytes are. */
    boolean verifies(byte[] message, byte[] signature);

    /**
     * Reads a key object and computes its id. A key type or scheme that this code does not know is
     * no error: such a key verifies nothing, so that a repository can add a new kind of key before
     * every host knows it.
     */
    static VerificationKey parse(JsonFields key) throws FlipsideException {
        String type = key.string("keytype");
        String scheme = key.string("scheme");
        JsonFields value = key.object("keyval");
        String keyId = Digests.sha256(CanonicalJson.encode(key.node(), key.what()));
        if (type.equals(Ed25519.CODE) && scheme.equals(Ed25519.CODE)) {
            return new Ed25519(keyId, value.hex("public", Ed25519.SIZE_BYTES), key.node());
        }
        return new Unknown(keyId, key.node());
    }

    /** The key that a JDK key is in TUF metadata. */
    static VerificationKey of(PublicKey key) throws FlipsideException {
        byte[] spki = key.getEncoded();
        if (spki != null
                && spki.length == Ed25519.SPKI_PREFIX.length + Ed25519.SIZE_BYTES
                && Arrays.equals(
                        spki,
                        0,
                        Ed25519.SPKI_PREFIX.length,
                        Ed25519.SPKI_PREFIX,
                        0,
                        Ed25519.SPKI_PREFIX.length)) {
            String publicHex =
                    HexFormat.of().formatHex(spki, Ed25519.SPKI_PREFIX.length, spki.length);
            ObjectNode json = StrictJson.object();
            json.put("keytype", Ed25519.CODE).put("scheme", Ed25519.CODE);
            json.putObject("keyval").put("public", publicHex);
            return parse(new JsonFields(json, "key", FailureCode.KEY_INVALID));
        }
        throw new FlipsideException(
                FailureCode.KEY_INVALID,
                "key for TUF metadata",
                "an Ed25519 key",
                "algorithm " + key.getAlgorithm(),
                "use a key made by 'key generate --algorithm ed25519'");
    }

    /**
     * Key type and scheme {@code ed25519} (RFC 8032, PureEdDSA).
     *
     * @param publicHex the 32 bytes of the key, in lowercase hex
     */
    record Ed25519(String keyId, String publicHex, ObjectNode json) implements VerificationKey {
        static final String CODE = "ed25519";
        static final int SIZE_BYTES = 32;

        /** SubjectPublicKeyInfo of RFC 8410, up to the key itself. */
        private static final byte[] SPKI_PREFIX =
                HexFormat.of().parseHex("302a300506032b6570032100");

        @Override
        public String identity() {
            return CODE + ":" + publicHex;
        }

        @Override
        public boolean verifies(byte[] message, byte[] signature) {
            byte[] spki =
                    HexFormat.of().parseHex(HexFormat.of().formatHex(SPKI_PREFIX) + publicHex);
            try {
                Signature verifier = Signature.getInstance("Ed25519");
                verifier.initVerify(
                        KeyFactory.getInstance("Ed25519")
                                .generatePublic(new X509EncodedKeySpec(spki)));
                verifier.update(message);
                return verifier.verify(signature);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform here has Ed25519", e);
            } catch (GeneralSecurityException e) {
                // 32 bytes that are no point, or a signature of a wrong length: not this key's.
                return false;
            }
        }
    }

    /** A key of a kind that this code cannot check; it counts for nothing. */
    record Unknown(String keyId, ObjectNode json) implements VerificationKey {
        @Override
        public String identity() {
            return "unknown:" + keyId;
        }

        @Override
        public boolean verifies(byte[] message, byte[] signature) {
            return false;
        }
    }
}
