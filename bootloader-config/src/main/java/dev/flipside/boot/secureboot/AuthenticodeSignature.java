package dev.flipside.boot.secureboot;

import dev.flipside.format.ByteString;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * A signature of an EFI image whose bytes are right (Microsoft's Authenticode specification: a PKCS
 * #7 SignedData, RFC 2315, around SpcIndirectDataContent). Who signed may be anybody.
 *
 * @param path the signer's certificate, and those that lead from it to an authority, as far as the
 *     signature brings them along
 * @param sha256 the digest of the image that was signed
 */
record AuthenticodeSignature(List<X509Certificate> path, ByteString sha256) {
    private static final String SIGNED_DATA = "2a864886f70d010702";
    private static final String INDIRECT_DATA = "2b060104018237020104";
    private static final String CONTENT_TYPE = "2a864886f70d010903";
    private static final String MESSAGE_DIGEST = "2a864886f70d010904";
    private static final String SHA256 = "608648016503040201";

    /** What firmware knows, too: SHA-256, SHA-384, SHA-512. */
    private static final Map<String, String> DIGESTS =
            Map.of(
                    SHA256,
                    "SHA-256",
                    "608648016503040202",
                    "SHA-384",
                    "608648016503040203",
                    "SHA-512");

    private static final int MAX_CERTIFICATES = 16;

    AuthenticodeSignature {
        path = List.copyOf(path);
    }

    /** Reads one; empty for all but the signature of a SHA-256 digest by an RSA key. */
    static Optional<AuthenticodeSignature> read(ByteString der) {
        try {
            return Optional.of(readSignedData(der));
        } catch (DerReader.NotDer | GeneralSecurityException | IllegalArgumentException e) {
            // A signature may be any bytes; these say nothing about the image.
            return Optional.empty();
        }
    }

    private static AuthenticodeSignature readSignedData(ByteString der)
            throws DerReader.NotDer, GeneralSecurityException {
        DerReader contentInfo = new DerReader(der.toByteArray()).next(DerReader.SEQUENCE).inside();
        requireIdentifier(contentInfo, SIGNED_DATA);
        DerReader data =
                contentInfo.next(DerReader.context(0)).inside().next(DerReader.SEQUENCE).inside();
        data.next(DerReader.INTEGER);
        data.next(DerReader.SET);
        DerReader encapsulated = data.next(DerReader.SEQUENCE).inside();
        requireIdentifier(encapsulated, INDIRECT_DATA);
        DerReader.Element content =
                encapsulated.next(DerReader.context(0)).inside().next(DerReader.SEQUENCE);
        List<X509Certificate> certificates = certificates(data);
        data.nextIf(DerReader.context(1));
        DerReader signers = data.next(DerReader.SET).inside();
        X509Certificate signer =
                verifiedSigner(
                        signers.next(DerReader.SEQUENCE).inside(),
                        content.contents(),
                        certificates);
        require(signers.atEnd());
        return new AuthenticodeSignature(path(signer, certificates), imageDigest(content));
    }

    private static List<X509Certificate> certificates(DerReader data)
            throws DerReader.NotDer, GeneralSecurityException {
        List<X509Certificate> certificates = new ArrayList<>();
        Optional<DerReader.Element> all = data.nextIf(DerReader.context(0));
        if (all.isPresent()) {
            DerReader each = all.get().inside();
            while (!each.atEnd()) {
                require(certificates.size() < MAX_CERTIFICATES);
                certificates.add(certificate(each.next(DerReader.SEQUENCE).whole()));
            }
        }
        return certificates;
    }

    static X509Certificate certificate(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
    }

    /** SpcIndirectDataContent: SEQUENCE { type, SEQUENCE { algorithm, digest } }. */
    private static ByteString imageDigest(DerReader.Element content) throws DerReader.NotDer {
        DerReader parts = content.inside();
        parts.next(DerReader.SEQUENCE);
        DerReader info = parts.next(DerReader.SEQUENCE).inside();
        require(algorithm(info).equals(SHA256));
        return ByteString.of(info.next(DerReader.OCTET_STRING).contents());
    }

    /** SignerInfo: version, issuer and serial, digest, [0] attributes, algorithm, signature. */
    private static X509Certificate verifiedSigner(
            DerReader signer, byte[] content, List<X509Certificate> certificates)
            throws DerReader.NotDer, GeneralSecurityException {
        signer.next(DerReader.INTEGER);
        DerReader identity = signer.next(DerReader.SEQUENCE).inside();
        X500Principal issuer = new X500Principal(identity.next(DerReader.SEQUENCE).whole());
        BigInteger serial = new BigInteger(identity.next(DerReader.INTEGER).contents());
        String digest = DIGESTS.get(algorithm(signer));
        require(digest != null);
        Optional<DerReader.Element> attributes = signer.nextIf(DerReader.context(0));
        signer.next(DerReader.SEQUENCE);
        byte[] signature = signer.next(DerReader.OCTET_STRING).contents();
        byte[] signed = content;
        if (attributes.isPresent()) {
            requireAbout(attributes.get(), MessageDigest.getInstance(digest).digest(content));
            // What is signed has the tag of a SET in place of [0] (RFC 2315, clause 9.3).
            signed = attributes.get().whole();
            signed[0] = DerReader.SET;
        }
        for (X509Certificate certificate : certificates) {
            if (certificate.getSerialNumber().equals(serial)
                    && certificate.getIssuerX500Principal().equals(issuer)) {
                Signature check = Signature.getInstance(digest.replace("-", "") + "withRSA");
                check.initVerify(certificate.getPublicKey());
                check.update(signed);
                require(check.verify(signature));
                return certificate;
            }
        }
        throw new DerReader.NotDer();
    }

    private static void requireAbout(DerReader.Element attributes, byte[] contentDigest)
            throws DerReader.NotDer {
        boolean about = false;
        DerReader each = attributes.inside();
        while (!each.atEnd()) {
            DerReader attribute = each.next(DerReader.SEQUENCE).inside();
            String type = identifier(attribute);
            DerReader values = attribute.next(DerReader.SET).inside();
            if (type.equals(CONTENT_TYPE)) {
                requireIdentifier(values, INDIRECT_DATA);
            } else if (type.equals(MESSAGE_DIGEST)) {
                byte[] digest = values.next(DerReader.OCTET_STRING).contents();
                require(MessageDigest.isEqual(digest, contentDigest));
                about = true;
            }
        }
        require(about);
    }

    private static List<X509Certificate> path(
            X509Certificate signer, List<X509Certificate> certificates) {
        List<X509Certificate> path = new ArrayList<>(List.of(signer));
        Optional<X509Certificate> next = Optional.of(signer);
        while (next.isPresent()) {
            X509Certificate last = path.getLast();
            next =
                    certificates.stream()
                            .filter(it -> !path.contains(it) && Certificates.isIssuer(it, last))
                            .findFirst();
            next.ifPresent(path::add);
        }
        return path;
    }

    private static String algorithm(DerReader around) throws DerReader.NotDer {
        return identifier(around.next(DerReader.SEQUENCE).inside());
    }

    private static String identifier(DerReader around) throws DerReader.NotDer {
        return HexFormat.of().formatHex(around.next(DerReader.OBJECT_IDENTIFIER).contents());
    }

    private static void requireIdentifier(DerReader around, String expected)
            throws DerReader.NotDer {
        require(identifier(around).equals(expected));
    }

    private static void require(boolean holds) throws DerReader.NotDer {
        if (!holds) {
            throw new DerReader.NotDer();
        }
    }
}
