package dev.flipside.builder.keys;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.ContentSigner;

/** Lets BouncyCastle's generators sign with any {@link SigningKey}. */
final class IdentitySigner implements ContentSigner {
    private final SigningKey key;
    private final SignatureScheme scheme;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    /** Carries a failure through a generator, which knows no checked exception. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient FlipsideException reason;

        Refused(FlipsideException reason) {
            super(reason);
            this.reason = reason;
        }

        FlipsideException reason() {
            return reason;
        }
    }

    IdentitySigner(SigningKey key) {
        this.key = key;
        // X.509, firmware and the kernel know PKCS #1 v1.5 only.
        this.scheme =
                key.scheme() == SignatureScheme.RSA_PSS_SHA256
                        ? SignatureScheme.RSA_PKCS1_SHA256
                        : key.scheme();
    }

    /**
     * For PKCS #7, which kernels and firmware check.
     *
     * @throws FlipsideException {@code key-invalid} for a key that they cannot check
     */
    static IdentitySigner forPkcs7(SigningKey key) throws FlipsideException {
        IdentitySigner signer = new IdentitySigner(key);
        return switch (signer.scheme) {
            case RSA_PKCS1_SHA256, ECDSA_P256_SHA256, ECDSA_P384_SHA384 -> signer;
            case ED25519, RSA_PSS_SHA256, ML_DSA_65 ->
                    throw new FlipsideException(
                            FailureCode.KEY_INVALID,
                            key.name(),
                            "an RSA or ECDSA key, which the kernel can check",
                            signer.scheme.code(),
                            "give another key");
        };
    }

    /** The digest that goes with the signature. */
    AlgorithmIdentifier digest() {
        return new AlgorithmIdentifier(
                scheme == SignatureScheme.ECDSA_P384_SHA384
                        ? NISTObjectIdentifiers.id_sha384
                        : NISTObjectIdentifiers.id_sha256,
                DERNull.INSTANCE);
    }

    @Override
    public AlgorithmIdentifier getAlgorithmIdentifier() {
        return switch (scheme) {
            case RSA_PKCS1_SHA256, RSA_PSS_SHA256 ->
                    new AlgorithmIdentifier(
                            PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE);
            case ECDSA_P256_SHA256 -> plain(X9ObjectIdentifiers.ecdsa_with_SHA256);
            case ECDSA_P384_SHA384 -> plain(X9ObjectIdentifiers.ecdsa_with_SHA384);
            case ED25519 -> plain(EdECObjectIdentifiers.id_Ed25519);
            case ML_DSA_65 -> plain(NISTObjectIdentifiers.id_ml_dsa_65);
        };
    }

    private static AlgorithmIdentifier plain(ASN1ObjectIdentifier kind) {
        return new AlgorithmIdentifier(kind);
    }

    @Override
    public OutputStream getOutputStream() {
        return content;
    }

    @Override
    public byte[] getSignature() {
        try {
            return key.sign(content.toByteArray(), scheme);
        } catch (FlipsideException e) {
            throw new Refused(e);
        }
    }
}
