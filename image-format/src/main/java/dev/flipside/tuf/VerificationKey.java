package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A public key of a role (TUF 1.0, section 4.2). Two keys are the same signer when their {@link
 * #identity} is the same, whatever ids they stand under.
 */
public sealed interface VerificationKey {
    int ED25519_BYTES = 32;

    /** The SHA-256 of the canonical form of the whole key object, in lowercase hex. */
    String keyId();

    /** What a threshold counts: the key material itself. */
    String identity();

    /** The key object as it stands in the metadata, unknown fields included. */
    ObjectNode json();

    /** How it signs; empty for a key that verifies nothing here. */
    Optional<KeyScheme> scheme();

    /** What its private half has to sign of a message; for most kinds the message itself. */
    default byte[] toBeSigned(byte[] message) {
        return scheme().map(it -> it.toBeSigned(message)).orElseGet(message::clone);
    }

    /** Whether this key made this signature. Never throws, whatever the bytes are. */
    boolean verifies(byte[] message, byte[] signature);

    /**
     * Reads a key object and computes its id. A key type or scheme that this code does not know, or
     * a key that is damaged, is no error: such a key verifies nothing, so that a repository can add
     * a new kind of key before every host knows it.
     */
    static VerificationKey parse(JsonFields key) throws FlipsideException {
        String type = key.string("keytype");
        String code = key.string("scheme");
        JsonFields value = key.object("keyval");
        String keyId = Digests.sha256(CanonicalJson.encode(key.node(), key.what()));
        for (KeyScheme scheme : KeyScheme.values()) {
            if (scheme.keyType().equals(type) && scheme.code().equals(code)) {
                byte[] spki =
                        scheme == KeyScheme.ED25519
                                ? ed25519(value.hex("public", ED25519_BYTES))
                                : pem(value.string("public"));
                return publicKey(scheme, spki)
                        .<VerificationKey>map(
                                publicKey -> new Known(keyId, scheme, publicKey, key.node()))
                        .orElseGet(() -> new Unknown(keyId, key.node()));
            }
        }
        return new Unknown(keyId, key.node());
    }

    /** The key that a JDK key is in TUF metadata. */
    static VerificationKey of(PublicKey key) throws FlipsideException {
        byte[] spki = key.getEncoded();
        for (KeyScheme scheme : KeyScheme.values()) {
            if (spki != null && publicKey(scheme, spki).isPresent()) {
                ObjectNode json = StrictJson.object();
                json.put("keytype", scheme.keyType()).put("scheme", scheme.code());
                json.putObject("keyval").put("public", text(scheme, spki));
                return parse(new JsonFields(json, "key", FailureCode.KEY_INVALID));
            }
        }
        throw new FlipsideException(
                FailureCode.KEY_INVALID,
                "key for TUF metadata",
                "an Ed25519, ECDSA P-256 or P-384, RSA (2048 bits or more) or ML-DSA-65 key",
                "algorithm " + key.getAlgorithm(),
                "use a key made by 'key generate'");
    }

    private static String text(KeyScheme scheme, byte[] spki) {
        return scheme == KeyScheme.ED25519
                ? HexFormat.of().formatHex(spki, spki.length - ED25519_BYTES, spki.length)
                : new String(Pem.encode(Pem.PUBLIC_KEY, spki), StandardCharsets.US_ASCII);
    }

    private static byte[] ed25519(String publicHex) {
        byte[] prefix = KeyScheme.ED25519.spkiPrefix();
        byte[] spki = Arrays.copyOf(prefix, prefix.length + ED25519_BYTES);
        System.arraycopy(HexFormat.of().parseHex(publicHex), 0, spki, prefix.length, ED25519_BYTES);
        return spki;
    }

    private static byte[] pem(String text) {
        try {
            return Pem.decode(
                    text.getBytes(StandardCharsets.UTF_8), Pem.PUBLIC_KEY, "keyval.public");
        } catch (FlipsideException e) {
            // No key has this encoding.
            return new byte[0];
        }
    }

    private static Optional<PublicKey> publicKey(KeyScheme scheme, byte[] spki) {
        if (!scheme.fits(spki)) {
            return Optional.empty();
        }
        try {
            PublicKey key =
                    KeyFactory.getInstance(scheme.jdkName())
                            .generatePublic(new X509EncodedKeySpec(spki));
            return Optional.of(key).filter(scheme::fits);
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** A key that can be checked. */
    record Known(String keyId, KeyScheme kind, PublicKey publicKey, ObjectNode json)
            implements VerificationKey {
        @Override
        public Optional<KeyScheme> scheme() {
            return Optional.of(kind);
        }

        @Override
        public String identity() {
            return kind.code() + ":" + HexFormat.of().formatHex(publicKey.getEncoded());
        }

        @Override
        public boolean verifies(byte[] message, byte[] signature) {
            return kind.verifies(publicKey, message, signature);
        }
    }

    /** A key of a kind that this code cannot check, or no key at all; it counts for nothing. */
    record Unknown(String keyId, ObjectNode json) implements VerificationKey {
        @Override
        public Optional<KeyScheme> scheme() {
            return Optional.empty();
        }

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
