package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;

/** A signing key and the certificate of its public half; the two are known to belong together. */
public record SigningIdentity(SigningKey key, X509Certificate certificate) {
    private static final int MAX_CERTIFICATE_BYTES = 64 << 10;

    /**
     * Opens a key and its certificate.
     *
     * @param now when a certificate must be valid
     * @throws FlipsideException {@code certificate-invalid}, or what the key is refused for
     */
    public static SigningIdentity open(String keyReference, Path certificateFile, Instant now)
            throws FlipsideException, IOException {
        X509Certificate certificate = certificate(certificateFile, now);
        SigningKey key = SigningKey.open(keyReference);
        if (!Arrays.equals(certificate.getPublicKey().getEncoded(), key.publicKey().getEncoded())) {
            throw invalid(
                    certificateFile,
                    "the certificate of key " + key.name(),
                    "that of another key",
                    "give the certificate that was made for this key",
                    null);
        }
        return new SigningIdentity(key, certificate);
    }

    /**
     * Reads one certificate, as PEM or DER.
     *
     * @throws FlipsideException {@code input-missing} or {@code certificate-invalid}
     */
    public static X509Certificate certificate(Path file, Instant now)
            throws FlipsideException, IOException {
        X509Certificate certificate = parse(file);
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (now.isBefore(from) || now.isAfter(to)) {
            throw invalid(
                    file,
                    "a certificate that is valid at " + now,
                    "one from " + from + " to " + to,
                    "give another certificate, or set SOURCE_DATE_EPOCH to rebuild an old release",
                    null);
        }
        return certificate;
    }

    /** The certificate as DER. */
    public byte[] encoded() {
        return der(certificate);
    }

    /** A certificate as DER. */
    public static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("what was decoded can be encoded", e);
        }
    }

    /**
     * Reads one certificate whenever it was valid, to check old signatures.
     *
     * @throws FlipsideException {@code input-missing} or {@code certificate-invalid}
     */
    public static X509Certificate certificateOfAnyTime(Path file)
            throws FlipsideException, IOException {
        return parse(file);
    }

    /** The SHA-256 of a certificate, in lowercase hex. */
    public static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(der(certificate)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static X509Certificate parse(Path file) throws FlipsideException, IOException {
        if (!Files.isRegularFile(file)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "certificate '" + file + "'",
                    "a file",
                    Files.exists(file) ? "something else" : "nothing there",
                    "check the path");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(in.readNBytes(MAX_CERTIFICATE_BYTES)));
        } catch (CertificateException e) {
            throw invalid(
                    file,
                    "an X.509 certificate, as PEM or DER",
                    "something else",
                    "check the path",
                    e);
        }
    }

    private static FlipsideException invalid(
            Path file, String expected, String found, String action, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.CERTIFICATE_INVALID,
                        "certificate '" + file + "'",
                        expected,
                        found,
                        action),
                cause);
    }
}
