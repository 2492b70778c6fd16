package dev.flipside.builder.keys;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/** An Ed25519 key that signs TUF metadata; both of its halves are known to belong together. */
public final class SigningKey {
    private static final String ED25519 = "Ed25519";
    private static final byte[] TRIAL = "flipside".getBytes(StandardCharsets.US_ASCII);

    private final PrivateKey privateKey;
    private final VerificationKey publicKey;

    private SigningKey(PrivateKey privateKey, VerificationKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /**
     * Reads a key from its two files.
     *
     * @throws FlipsideException {@code key-missing}, {@code key-invalid}
     */
    public static SigningKey read(KeyFiles files) throws FlipsideException, IOException {
        SigningKey key;
        try {
            KeyFactory factory = KeyFactory.getInstance(ED25519);
            key =
                    new SigningKey(
                            factory.generatePrivate(new PKCS8EncodedKeySpec(files.readPrivate())),
                            VerificationKey.of(
                                    factory.generatePublic(
                                            new X509EncodedKeySpec(files.readPublic()))));
        } catch (GeneralSecurityException e) {
            throw invalid(files, "an Ed25519 key", "another one, or a damaged file", e);
        }
        if (!key.publicKey.verifies(TRIAL, key.sign(TRIAL))) {
            throw invalid(files, "the two halves of one key", "halves of two keys", null);
        }
        return key;
    }

    public VerificationKey publicKey() {
        return publicKey;
    }

    /** Signs; the same message always gets the same signature (RFC 8032). */
    public byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ED25519);
            signature.initSign(privateKey);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an Ed25519 key signs any message", e);
        }
    }

    private static FlipsideException invalid(
            KeyFiles files, String expected, String found, Throwable cause) {
        return new FlipsideException(
                new dev.flipside.failure.Failure(
                        FailureCode.KEY_INVALID,
                        files.privateFile() + " and " + files.publicFile().getFileName(),
                        expected,
                        found,
                        "make a key with 'key generate --algorithm ed25519'"),
                cause);
    }
}
