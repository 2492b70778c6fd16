package dev.flipside.tuf;

import dev.flipside.failure.FlipsideException;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A key pair of a role; the numbered ones are Ed25519, and the same in every run. */
public record TestSigner(KeyPair pair, VerificationKey publicKey, Map<String, byte[]> made) {

    private TestSigner(KeyPair pair, VerificationKey publicKey) {
        this(pair, publicKey, new HashMap<>());
    }

    private static final int SHA_256_BYTES = 32;

    /** One of 256 keys. */
    public static TestSigner number(int number) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new Repeating((byte) number));
            KeyPair pair = generator.generateKeyPair();
            return new TestSigner(pair, VerificationKey.of(pair.getPublic()));
        } catch (NoSuchAlgorithmException
                | InvalidAlgorithmParameterException
                | FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }

    public String keyId() {
        return publicKey.keyId();
    }

    /** A key of any kind, another one in every run. */
    public static TestSigner random(KeyScheme scheme) {
        try {
            KeyPairGenerator generator =
                    KeyPairGenerator.getInstance(
                            scheme == KeyScheme.ML_DSA_65 ? "ML-DSA-65" : scheme.jdkName());
            switch (scheme) {
                case ED25519, ML_DSA_65 -> {}
                case ECDSA_P256 -> generator.initialize(new ECGenParameterSpec("secp256r1"));
                case ECDSA_P384 -> generator.initialize(new ECGenParameterSpec("secp384r1"));
                case RSA_PSS -> generator.initialize(2048);
            }
            KeyPair pair = generator.generateKeyPair();
            return new TestSigner(pair, VerificationKey.of(pair.getPublic()));
        } catch (GeneralSecurityException | FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same signature each time, so that files that pin each other can be made one by one. */
    public byte[] sign(byte[] message) {
        return made.computeIfAbsent(
                Digests.sha256(message), digest -> sign(message, SHA_256_BYTES));
    }

    byte[] sign(byte[] message, int saltBytes) {
        try {
            Signature signature =
                    Signature.getInstance(
                            switch (publicKey.scheme().orElseThrow()) {
                                case ED25519 -> "Ed25519";
                                case ECDSA_P256 -> "SHA256withECDSA";
                                case ECDSA_P384 -> "SHA384withECDSA";
                                case RSA_PSS -> "RSASSA-PSS";
                                case ML_DSA_65 -> "ML-DSA-65";
                            });
            if (signature.getAlgorithm().equals("RSASSA-PSS")) {
                signature.setParameter(
                        new PSSParameterSpec(
                                "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, saltBytes, 1));
            }
            signature.initSign(pair.getPrivate());
            signature.update(publicKey.toBeSigned(message));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Repeating extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte value;

        Repeating(byte value) {
            this.value = value;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, value);
        }
    }
}
