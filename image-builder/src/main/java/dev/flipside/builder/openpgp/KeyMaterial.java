package dev.flipside.builder.openpgp;

import dev.flipside.builder.keys.SignatureScheme;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * How one kind of key stands in OpenPGP (RFC 9580, clauses 5.5.5, 5.2.3 and 9): those kinds that
 * GnuPG 2.2 knows, too.
 */
enum KeyMaterial {
    /** EdDSALegacy with Ed25519Legacy: it signs the digest, and point and halves are numbers. */
    ED25519(22, 8, "SHA-256", "092b06010401da470f01"),
    ECDSA_P256(19, 8, "SHA-256", "082a8648ce3d030107"),
    ECDSA_P384(19, 9, "SHA-384", "052b81040022"),
    /** PKCS #1 v1.5. */
    RSA(1, 8, "SHA-256", "");

    private static final int NATIVE_POINT = 0x40;
    private static final int HALF_BYTES = 32;

    private final int algorithm;
    private final int hashAlgorithm;
    private final String hashName;
    private final String curveHex;

    KeyMaterial(int algorithm, int hashAlgorithm, String hashName, String curveHex) {
        this.algorithm = algorithm;
        this.hashAlgorithm = hashAlgorithm;
        this.hashName = hashName;
        this.curveHex = curveHex;
    }

    static KeyMaterial of(SigningKey key) throws FlipsideException {
        return switch (key.scheme()) {
            case ED25519 -> ED25519;
            case ECDSA_P256_SHA256 -> ECDSA_P256;
            case ECDSA_P384_SHA384 -> ECDSA_P384;
            case RSA_PSS_SHA256, RSA_PKCS1_SHA256 -> RSA;
            case ML_DSA_65 ->
                    throw new FlipsideException(
                            FailureCode.KEY_INVALID,
                            key.name(),
                            "an Ed25519, ECDSA or RSA key, as GnuPG knows them",
                            key.scheme().code(),
                            "give another key for systemd-sysupdate");
        };
    }

    int algorithm() {
        return algorithm;
    }

    int hashAlgorithm() {
        return hashAlgorithm;
    }

    byte[] digest(byte[] message) {
        try {
            return MessageDigest.getInstance(hashName).digest(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + hashName, e);
        }
    }

    /** The fields of a public key. */
    byte[] publicFields(PublicKey key) {
        SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(key.getEncoded());
        byte[] point = info.getPublicKeyData().getOctets();
        PacketBytes out = new PacketBytes().bytes(HexFormat.of().parseHex(curveHex));
        switch (this) {
            case ED25519 -> {
                byte[] tagged = new byte[point.length + 1];
                tagged[0] = NATIVE_POINT;
                System.arraycopy(point, 0, tagged, 1, point.length);
                out.number(tagged);
            }
            case ECDSA_P256, ECDSA_P384 -> out.number(point);
            case RSA -> {
                RSAPublicKey rsa = RSAPublicKey.getInstance(point);
                out.number(rsa.getModulus().toByteArray());
                out.number(rsa.getPublicExponent().toByteArray());
            }
        }
        return out.array();
    }

    /** The fields of a signature over a message. */
    byte[] sign(SigningKey key, byte[] message) throws FlipsideException {
        PacketBytes out = new PacketBytes();
        switch (this) {
            case ED25519 -> {
                byte[] both = key.sign(digest(message));
                out.number(Arrays.copyOf(both, HALF_BYTES));
                out.number(Arrays.copyOfRange(both, HALF_BYTES, both.length));
            }
            case ECDSA_P256, ECDSA_P384 -> {
                ASN1Sequence both = ASN1Sequence.getInstance(key.sign(message));
                for (int i = 0; i < 2; i++) {
                    ASN1Integer half = ASN1Integer.getInstance(both.getObjectAt(i));
                    out.number(half.getPositiveValue().toByteArray());
                }
            }
            case RSA -> out.number(key.sign(message, SignatureScheme.RSA_PKCS1_SHA256));
        }
        return out.array();
    }
}
