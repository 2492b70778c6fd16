package dev.flipside.tuf;

import dev.flipside.failure.FlipsideException;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/** An Ed25519 key that is the same in every run. */
public record TestSigner(KeyPair pair, VerificationKey publicKey) {

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

    public byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(message);
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
