package dev.flipside.builder.keys;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Public keys as SubjectPublicKeyInfo (RFC 5280, clause 4.1.2.7). */
final class PublicKeys {
    private PublicKeys() {}

    /**
     * The JDK's key of some DER.
     *
     * @throws GeneralSecurityException for whatever is no key of a known kind
     */
    static PublicKey decode(byte[] spki) throws GeneralSecurityException {
        try {
            ASN1ObjectIdentifier kind =
                    SubjectPublicKeyInfo.getInstance(spki).getAlgorithm().getAlgorithm();
            return KeyFactory.getInstance(algorithm(kind))
                    .generatePublic(new X509EncodedKeySpec(spki));
        } catch (IllegalArgumentException e) {
            throw new InvalidKeySpecException("no SubjectPublicKeyInfo", e);
        }
    }

    private static String algorithm(ASN1ObjectIdentifier kind) throws GeneralSecurityException {
        if (kind.equals(EdECObjectIdentifiers.id_Ed25519)) {
            return "Ed25519";
        }
        if (kind.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return "RSA";
        }
        if (kind.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            return "EC";
        }
        if (kind.equals(NISTObjectIdentifiers.id_ml_dsa_65)) {
            return "ML-DSA-65";
        }
        throw new InvalidKeySpecException("a key of kind " + kind);
    }
}
