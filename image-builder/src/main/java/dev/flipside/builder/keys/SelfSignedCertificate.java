package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.NewFile;
import dev.flipside.tuf.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;

/**
 * A certificate that is signed by its own key (RFC 5280), which is all that Secure Boot and
 * dm-verity ask for. Its serial number follows from key and time, so that the same ones give the
 * same certificate where the key signs the same way each time.
 */
public final class SelfSignedCertificate {
    private static final String LABEL = "CERTIFICATE";
    private static final int SERIAL_BYTES = 16;

    private final byte[] der;

    private SelfSignedCertificate(byte[] der) {
        this.der = der;
    }

    /**
     * Makes one.
     *
     * @param name the common name
     */
    public static SelfSignedCertificate of(SigningKey key, String name, Instant from, Instant to)
            throws FlipsideException, IOException {
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, name).build();
        byte[] spki = key.publicKey().getEncoded();
        X509v3CertificateBuilder builder =
                new X509v3CertificateBuilder(
                        subject,
                        serial(spki, from),
                        Date.from(from.truncatedTo(ChronoUnit.SECONDS)),
                        Date.from(to.truncatedTo(ChronoUnit.SECONDS)),
                        subject,
                        SubjectPublicKeyInfo.getInstance(spki));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        try {
            return new SelfSignedCertificate(builder.build(new IdentitySigner(key)).getEncoded());
        } catch (IdentitySigner.Refused e) {
            throw e.reason();
        }
    }

    /**
     * Writes it as PEM.
     *
     * @throws FlipsideException {@code output-exists}
     */
    public void write(Path file) throws FlipsideException, IOException {
        try {
            NewFile.write(file, Pem.encode(LABEL, der), NewFile.Readers.EVERYONE);
        } catch (FileAlreadyExistsException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.OUTPUT_EXISTS,
                            file.toString(),
                            "no such file yet",
                            "one that exists",
                            "give another name"),
                    e);
        }
    }

    private static BigInteger serial(byte[] spki, Instant from) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(spki);
            byte[] digest = sha256.digest(BigInteger.valueOf(from.getEpochSecond()).toByteArray());
            return new BigInteger(1, Arrays.copyOf(digest, SERIAL_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
