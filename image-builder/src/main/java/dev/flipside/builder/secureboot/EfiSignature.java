package dev.flipside.builder.secureboot;

import dev.flipside.boot.uki.AttributeCertificates;
import dev.flipside.builder.keys.Pkcs7;
import dev.flipside.builder.keys.Pkcs7Check;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;
import net.jsign.DigestAlgorithm;
import net.jsign.asn1.authenticode.AuthenticodeSignedDataGenerator;
import net.jsign.pe.PEFile;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.DigestInfo;

/**
 * Signs EFI binaries for Secure Boot (UEFI 2.10, clause 32.2; Microsoft's Authenticode
 * specification). The same binary, key and certificate give the same bytes.
 */
public final class EfiSignature {
    private EfiSignature() {}

    /**
     * Adds a signature to the end of a binary, instead of one that is there.
     *
     * @param file open for reading and writing
     * @param what names the file in a failure
     * @throws FlipsideException {@code uki-malformed} for what is no EFI binary, {@code
     *     key-invalid} for a key that firmware does not know
     */
    public static void sign(SeekableByteChannel file, SigningIdentity identity, String what)
            throws IOException, FlipsideException {
        requireRsa(identity);
        try (PEFile binary = open(file, what)) {
            binary.setSignature(
                    Pkcs7.encapsulated(
                            identity,
                            new AuthenticodeSignedDataGenerator(),
                            binary.createSignedContent(DigestAlgorithm.SHA256)));
            binary.save();
        }
    }

    /**
     * Checks that a certificate's key has signed a binary, as firmware does that has this
     * certificate in its db, and no others.
     *
     * @param what names the file in a failure
     * @return how many signatures the binary has
     * @throws FlipsideException {@code signature-invalid}, {@code uki-malformed}
     */
    public static int check(RandomAccess file, X509Certificate certificate, String what)
            throws IOException, FlipsideException {
        AttributeCertificates found = AttributeCertificates.read(file, what);
        Pkcs7Check check = new Pkcs7Check(certificate);
        String rest = found.pkcs7().isEmpty() ? "none" : "one by another key, or damaged";
        for (ByteString signature : found.pkcs7()) {
            Optional<byte[]> content = check.content(signature.toByteArray());
            if (content.isPresent()) {
                if (signedDigest(content.get()).filter(found.sha256()::equals).isPresent()) {
                    return found.pkcs7().size();
                }
                rest = "one of other bytes";
            }
        }
        throw new FlipsideException(
                FailureCode.SIGNATURE_INVALID,
                what,
                "a signature by the key of '%s'"
                        .formatted(certificate.getSubjectX500Principal().getName()),
                rest,
                "sign it with --secure-boot-key, or give the certificate that it was signed with");
    }

    /** Of SpcIndirectDataContent: SEQUENCE { data, SEQUENCE { algorithm, digest } }. */
    private static Optional<ByteString> signedDigest(byte[] content) {
        try {
            DigestInfo digest =
                    DigestInfo.getInstance(ASN1Sequence.getInstance(content).getObjectAt(1));
            return digest.getAlgorithmId().getAlgorithm().equals(NISTObjectIdentifiers.id_sha256)
                    ? Optional.of(ByteString.of(digest.getDigest()))
                    : Optional.empty();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** UEFI names RSA alone; elliptic curves are known to few firmwares. */
    public static void requireRsa(SigningIdentity identity) throws FlipsideException {
        if (!(identity.key().publicKey() instanceof RSAPublicKey)) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    identity.key().name(),
                    "an RSA key, which every firmware can check",
                    identity.key().scheme().code(),
                    "give another key");
        }
    }

    private static PEFile open(SeekableByteChannel file, String what)
            throws IOException, FlipsideException {
        try {
            return new PEFile(file);
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.UKI_MALFORMED,
                            what,
                            "an EFI image that can be signed",
                            e.getMessage(),
                            "give an EFI binary"),
                    e);
        }
    }
}
