package dev.flipside.builder.secureboot;

import dev.flipside.builder.keys.Pkcs7;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.security.interfaces.RSAPublicKey;
import net.jsign.DigestAlgorithm;
import net.jsign.asn1.authenticode.AuthenticodeSignedDataGenerator;
import net.jsign.pe.PEFile;

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
