package dev.flipside.builder.keys;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;

/**
 * How a token signs under a scheme. Digests are made here, so that any amount of data goes to any
 * token in one step, and the mechanisms are those that the oldest tokens have.
 */
enum TokenMechanism {
    /** CKM_EDDSA (PKCS #11 3.0). */
    ED25519(0x1057),
    /** CKM_ECDSA. */
    ECDSA_P256(0x1041),
    ECDSA_P384(0x1041),
    /** CKM_RSA_PKCS_PSS with CKM_SHA256, CKG_MGF1_SHA256 and 32 bytes of salt. */
    RSA_PSS(0xd),
    /** CKM_RSA_PKCS. */
    RSA_PKCS1(0x1);

    /** DigestInfo of SHA-256, up to the digest (RFC 8017, clause 9.2, note 1). */
    private static final byte[] DIGEST_INFO =
            HexFormat.of().parseHex("3031300d060960864801650304020105000420");

    private final long code;

    TokenMechanism(long code) {
        this.code = code;
    }

    static TokenMechanism of(SignatureScheme scheme, String name) throws FlipsideException {
        return switch (scheme) {
            case ED25519 -> ED25519;
            case ECDSA_P256_SHA256 -> ECDSA_P256;
            case ECDSA_P384_SHA384 -> ECDSA_P384;
            case RSA_PSS_SHA256 -> RSA_PSS;
            case RSA_PKCS1_SHA256 -> RSA_PKCS1;
            case ML_DSA_65 ->
                    throw new FlipsideException(
                            FailureCode.KEY_INVALID,
                            name,
                            "an RSA, ECDSA or Ed25519 key on a token",
                            scheme.code(),
                            "use a file or an 'exec:' command for this kind of key");
        };
    }

    long code() {
        return code;
    }

    long[] parameters() {
        return this == RSA_PSS ? new long[] {0x250, 2, 32} : new long[0];
    }

    /** What the token signs for a message. */
    byte[] input(byte[] message) {
        return switch (this) {
            case ED25519 -> message;
            case ECDSA_P256, RSA_PSS -> digest("SHA-256", message);
            case ECDSA_P384 -> digest("SHA-384", message);
            case RSA_PKCS1 -> {
                byte[] digest = digest("SHA-256", message);
                byte[] info = Arrays.copyOf(DIGEST_INFO, DIGEST_INFO.length + digest.length);
                System.arraycopy(digest, 0, info, DIGEST_INFO.length, digest.length);
                yield info;
            }
        };
    }

    /** A token's signature in the form of its scheme: ECDSA's two numbers become DER. */
    byte[] signature(byte[] raw) {
        return switch (this) {
            case ED25519, RSA_PSS, RSA_PKCS1 -> raw;
            case ECDSA_P256, ECDSA_P384 -> {
                int half = raw.length / 2;
                DERSequence both =
                        new DERSequence(
                                new ASN1Integer[] {
                                    new ASN1Integer(new BigInteger(1, raw, 0, half)),
                                    new ASN1Integer(new BigInteger(1, raw, half, half))
                                });
                try {
                    yield both.getEncoded(ASN1Encoding.DER);
                } catch (IOException e) {
                    throw new IllegalStateException("an encoding in memory", e);
                }
            }
        };
    }

    private static byte[] digest(String algorithm, byte[] message) {
        try {
            return MessageDigest.getInstance(algorithm).digest(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }
}
