package dev.flipside.builder.keys;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/**
 * Checks PKCS #7 signatures (RFC 5652) by one certificate that is known from elsewhere:
 * certificates and times that a signature brings along prove nothing. Any bytes are an answer, not
 * an exception.
 */
public final class Pkcs7Check {
    private static final Set<ASN1ObjectIdentifier> DIGESTS =
            Set.of(
                    NISTObjectIdentifiers.id_sha256,
                    NISTObjectIdentifiers.id_sha384,
                    NISTObjectIdentifiers.id_sha512);

    private final X509Certificate certificate;

    public Pkcs7Check(X509Certificate certificate) {
        this.certificate = certificate;
    }

    /** Something that fails in one of these ways for bytes that are no signature. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws CMSException, IOException, OperatorCreationException;
    }

    /** Whether this is a signature of some content by the certificate's key. */
    public boolean verifies(byte[] signature, byte[] content) {
        return reading(
                        () -> {
                            CMSSignedData signed =
                                    new CMSSignedData(
                                            new CMSProcessableByteArray(content),
                                            structure(signature));
                            return Optional.of(isSigned(signed));
                        })
                .orElse(false);
    }

    /** The content inside of a signature, as DER, when the certificate's key has signed it. */
    public Optional<byte[]> content(byte[] signature) {
        return reading(
                () -> {
                    CMSSignedData signed = new CMSSignedData(structure(signature));
                    if (signed.getSignedContent() == null || !isSigned(signed)) {
                        return Optional.empty();
                    }
                    ASN1Encodable content = (ASN1Encodable) signed.getSignedContent().getContent();
                    return Optional.of(content.toASN1Primitive().getEncoded(ASN1Encoding.DER));
                });
    }

    /** The first object in the bytes, as attribute certificates are padded. */
    private static ContentInfo structure(byte[] signature) throws IOException {
        try (ASN1InputStream in = new ASN1InputStream(signature)) {
            return ContentInfo.getInstance(in.readObject());
        }
    }

    private boolean isSigned(CMSSignedData signed) throws CMSException, OperatorCreationException {
        X509CertificateHolder holder = Pkcs7.holder(certificate);
        // From the key, not the certificate, as firmware and kernel do not look at times either.
        SignerInformationVerifier verifier =
                new JcaSimpleSignerInfoVerifierBuilder().build(certificate.getPublicKey());
        for (SignerInformation signer : signed.getSignerInfos().getSigners()) {
            if (DIGESTS.contains(signer.getDigestAlgorithmID().getAlgorithm())
                    && signer.getSID().match(holder)
                    && signer.verify(verifier)) {
                return true;
            }
        }
        return false;
    }

    private static <T> Optional<T> reading(Reading<Optional<T>> reading) {
        try {
            return reading.read();
        } catch (CMSException | IOException | OperatorCreationException | RuntimeException e) {
            // The library throws a dozen kinds of unchecked exceptions at bytes that are no ASN.1.
            return Optional.empty();
        }
    }
}
