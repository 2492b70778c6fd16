package dev.flipside.builder.keys;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The kinds of keys that can be made, each by the JDK's own provider. */
public enum KeyAlgorithm {
    ED25519("ed25519", "Ed25519"),
    ECDSA_P256("ecdsa-p256", "EC"),
    ECDSA_P384("ecdsa-p384", "EC"),
    RSA_3072("rsa-3072", "RSA"),
    RSA_4096("rsa-4096", "RSA"),
    ML_DSA_65("ml-dsa-65", "ML-DSA");

    private final String code;
    private final String jdkName;

    KeyAlgorithm(String code, String jdkName) {
        this.code = code;
        this.jdkName = jdkName;
    }

    /** The algorithm that a command line names. */
    public static KeyAlgorithm of(String code) throws FlipsideException {
        for (KeyAlgorithm algorithm : values()) {
            if (algorithm.code.equals(code)) {
                return algorithm;
            }
        }
        throw new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "--algorithm",
                codes(),
                "'" + code + "'",
                "give another value");
    }

    /** All of them, as the help lists them. */
    public static String codes() {
        return Arrays.stream(values())
                .map(algorithm -> algorithm.code)
                .collect(Collectors.joining("|"));
    }

    public String code() {
        return code;
    }

    /** Makes a key pair. */
    public KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(jdkName);
            generator.initialize(parameters(), new SecureRandom());
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 25 has " + jdkName, e);
        }
    }

    private AlgorithmParameterSpec parameters() {
        return switch (this) {
            case ED25519 -> NamedParameterSpec.ED25519;
            case ECDSA_P256 -> new ECGenParameterSpec("secp256r1");
            case ECDSA_P384 -> new ECGenParameterSpec("secp384r1");
            case RSA_3072 -> new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4);
            case RSA_4096 -> new RSAKeyGenParameterSpec(4096, RSAKeyGenParameterSpec.F4);
            case ML_DSA_65 -> NamedParameterSpec.ML_DSA_65;
        };
    }
}
