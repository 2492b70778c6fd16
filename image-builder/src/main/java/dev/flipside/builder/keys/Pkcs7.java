package dev.flipside.builder.keys;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.CMSTypedData;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInfoGeneratorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.util.CollectionStore;

/**
 * Signatures as PKCS #7 SignedData (RFC 5652). None carries a signing time: with an RSA key the
 * same content always gets the same bytes.
 */
public final class Pkcs7 {
    private Pkcs7() {}

    /**
     * Refuses a key of a kind that kernels cannot check.
     *
     * @throws FlipsideException {@code key-invalid}
     */
    public static void requireKindOfKernel(SigningIdentity identity) throws FlipsideException {
        IdentitySigner.forPkcs7(identity.key());
    }

    /**
     * A detached signature of the content itself, without attributes and without the certificate,
     * as the kernel's dm-verity takes it.
     */
    public static byte[] detached(SigningIdentity identity, byte[] content)
            throws FlipsideException {
        return der(direct(identity, content, List.of()).toASN1Structure());
    }

    /**
     * The same with the certificate, and without the ContentInfo around it, as UEFI's authenticated
     * variables have it (UEFI 2.10, clause 8.2.2).
     */
    public static byte[] bareSignedData(SigningIdentity identity, byte[] content)
            throws FlipsideException {
        CMSSignedData signed = direct(identity, content, List.of(holder(identity)));
        try {
            return signed.toASN1Structure()
                    .getContent()
                    .toASN1Primitive()
                    .getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("an encoding in memory", e);
        }
    }

    /**
     * A signature with the content and the certificate inside, and with the two attributes that
     * Authenticode asks for.
     *
     * @param generator how the content is put in and digested
     */
    public static CMSSignedData encapsulated(
            SigningIdentity identity, CMSSignedDataGenerator generator, CMSTypedData content)
            throws FlipsideException {
        return sign(identity, generator, content, true, List.of(holder(identity)));
    }

    private static CMSSignedData direct(
            SigningIdentity identity, byte[] content, List<X509CertificateHolder> certificates)
            throws FlipsideException {
        return sign(
                identity,
                new CMSSignedDataGenerator(),
                new CMSProcessableByteArray(content),
                false,
                certificates);
    }

    private static CMSSignedData sign(
            SigningIdentity identity,
            CMSSignedDataGenerator generator,
            CMSTypedData content,
            boolean encapsulate,
            List<X509CertificateHolder> certificates)
            throws FlipsideException {
        IdentitySigner signer = IdentitySigner.forPkcs7(identity.key());
        SignerInfoGeneratorBuilder builder =
                new SignerInfoGeneratorBuilder(new BcDigestCalculatorProvider())
                        .setDirectSignature(!encapsulate)
                        .setContentDigest(signer.digest());
        if (encapsulate) {
            builder.setSignedAttributeGenerator(new TimelessAttributes());
        }
        try {
            generator.addSignerInfoGenerator(builder.build(signer, holder(identity)));
            generator.addCertificates(new CollectionStore<>(certificates));
            return generator.generate(content, encapsulate);
        } catch (IdentitySigner.Refused e) {
            throw e.reason();
        } catch (CMSException | OperatorCreationException e) {
            if (e.getCause() instanceof IdentitySigner.Refused refused) {
                throw refused.reason();
            }
            throw new IllegalStateException("a signature over bytes in memory", e);
        }
    }

    private static X509CertificateHolder holder(SigningIdentity identity) {
        return holder(identity.certificate());
    }

    static X509CertificateHolder holder(X509Certificate certificate) {
        try {
            return new X509CertificateHolder(SigningIdentity.der(certificate));
        } catch (IOException e) {
            throw new IllegalStateException("the JDK has read this certificate", e);
        }
    }

    private static byte[] der(ContentInfo content) {
        try {
            return content.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("an encoding in memory", e);
        }
    }

    /** Content type and message digest alone: a time would make each build another one. */
    private static final class TimelessAttributes extends DefaultSignedAttributeTableGenerator {
        @Override
        @SuppressWarnings("rawtypes")
        public AttributeTable getAttributes(Map parameters) {
            AttributeTable all = super.getAttributes(parameters);
            ASN1EncodableVector kept = new ASN1EncodableVector();
            for (ASN1ObjectIdentifier kind :
                    List.of(CMSAttributes.contentType, CMSAttributes.messageDigest)) {
                kept.add(all.get(kind));
            }
            return new AttributeTable(kept);
        }
    }
}
