package dev.flipside.builder.keys;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;

/**
 * How a key of some kind signs. An RSA key has two ways: PSS, as TUF has it, and PKCS #1 v1.5,
 * which is all that firmware and the kernel know.
 */
public enum SignatureScheme {
    /** RFC 8032, 64 bytes. */
    ED25519("ed25519", "Ed25519"),
    /** SHA-256 on P-256; r and s as ASN.1 DER (RFC 3279, clause 2.2.3). */
    ECDSA_P256_SHA256("ecdsa-p256-sha256", "SHA256withECDSA"),
    /** SHA-384 on P-384; r and s as ASN.1 DER. */
    ECDSA_P384_SHA384("ecdsa-p384-sha384", "SHA384withECDSA"),
    /** RSASSA-PSS of RFC 8017 with SHA-256, MGF1 with SHA-256 and 32 bytes of salt. */
    RSA_PSS_SHA256("rsa-pss-sha256", "RSASSA-PSS"),
    /** RSASSA-PKCS1-v1_5 of RFC 8017 with SHA-256. */
    RSA_PKCS1_SHA256("rsa-pkcs1-sha256", "SHA256withRSA"),
    /** FIPS 204, pure, with an empty context; 3309 bytes. */
    ML_DSA_65("ml-dsa-65", "ML-DSA-65");

    /** What UEFI asks of every firmware; repositories ask for more. */
    private static final int MIN_RSA_BITS = 2048;

    private static final int P256_BITS = 256;
    private static final int P384_BITS = 384;

    private final String code;
    private final String jdkName;

    SignatureScheme(String code, String jdkName) {
        this.code = code;
        this.jdkName = jdkName;
    }

    /** The name that an {@code exec:} command gets. */
    public String code() {
        return code;
    }

    /**
     * How a key signs unless something else is asked for.
     *
     * @param what names the key in the failure
     * @throws FlipsideException {@code key-invalid} for a key of another kind, or a weak one
     */
    static SignatureScheme of(PublicKey key, String what) throws FlipsideException {
        return switch (key) {
            case EdECPublicKey ed when ed.getParams().getName().equals("Ed25519") -> ED25519;
            case RSAPublicKey rsa when rsa.getModulus().bitLength() >= MIN_RSA_BITS ->
                    RSA_PSS_SHA256;
            case ECPublicKey ec when bits(ec) == P256_BITS -> ECDSA_P256_SHA256;
            case ECPublicKey ec when bits(ec) == P384_BITS -> ECDSA_P384_SHA384;
            case PublicKey other when other.getAlgorithm().startsWith("ML-DSA") -> mlDsa(key, what);
            default -> throw unknown(key, what);
        };
    }

    /** Whether a key of this scheme's kind can sign under the other one. */
    boolean allows(SignatureScheme other) {
        return this == other || (this == RSA_PSS_SHA256 && other == RSA_PKCS1_SHA256);
    }

    byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
        Signature signature = signature();
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    /** Whether the key made the signature; false for whatever is no signature at all. */
    boolean verifies(PublicKey key, byte[] message, byte[] signed) {
        try {
            Signature signature = signature();
            signature.initVerify(key);
            signature.update(message);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private Signature signature() throws GeneralSecurityException {
        Signature signature = Signature.getInstance(jdkName);
        if (this == RSA_PSS_SHA256) {
            signature.setParameter(
                    new PSSParameterSpec(
                            "SHA-256",
                            "MGF1",
                            MGF1ParameterSpec.SHA256,
                            32,
                            PSSParameterSpec.TRAILER_FIELD_BC));
        }
        return signature;
    }

    private static int bits(ECPublicKey key) {
        return key.getParams().getCurve().getField().getFieldSize();
    }

    private static SignatureScheme mlDsa(PublicKey key, String what) throws FlipsideException {
        String name =
                key.getParams() instanceof java.security.spec.NamedParameterSpec named
                        ? named.getName()
                        : key.getAlgorithm();
        if (name.equals("ML-DSA-65")) {
            return ML_DSA_65;
        }
        throw unknown(key, what);
    }

    private static FlipsideException unknown(PublicKey key, String what) {
        String found =
                key instanceof RSAPublicKey rsa
                        ? String.format(
                                Locale.ROOT, "RSA with %d bits", rsa.getModulus().bitLength())
                        : key.getAlgorithm() + " of another kind";
        return new FlipsideException(
                FailureCode.KEY_INVALID,
                what,
                "Ed25519, ECDSA on P-256 or P-384, RSA with "
                        + MIN_RSA_BITS
                        + " bits or more, or ML-DSA-65",
                found,
                "make a key with 'key generate'");
    }
}
