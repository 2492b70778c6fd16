package dev.flipside.updater.source;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Whom the host trusts as a server, and as whom it shows itself. The files are read when a source
 * is opened.
 *
 * @param authorities a PEM file; empty for those of the operating system
 * @param certificate a PEM file; empty where the host shows none
 * @param key its private key: PKCS #8, PEM
 */
public record TlsFiles(Optional<Path> authorities, Optional<Path> certificate, Optional<Path> key) {
    private static final int MAX_BYTES = 4 << 20;

    /** Where Debian, Fedora, openSUSE and Alpine keep them; where none is, Java's own are taken. */
    private static final List<Path> OF_THE_SYSTEM =
            List.of(
                    Path.of("/etc/ssl/certs/ca-certificates.crt"),
                    Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
                    Path.of("/etc/ssl/ca-bundle.pem"),
                    Path.of("/etc/ssl/cert.pem"));

    /** The authorities of the operating system, and no certificate of one's own. */
    public static TlsFiles ofTheSystem() {
        return new TlsFiles(Optional.empty(), Optional.empty(), Optional.empty());
    }

    void addTo(HttpClientOptions options, Vertx vertx) throws FlipsideException {
        Optional<Path> trusted = authorities.or(TlsFiles::ofSystem);
        if (trusted.isPresent()) {
            PemTrustOptions trust = new PemTrustOptions().addCertValue(read(trusted.get()));
            require(
                    "certificates in PEM",
                    trusted.get(),
                    () -> trust.getTrustManagerFactory(vertx));
            options.setTrustOptions(trust);
        }
        if (certificate.isPresent() && key.isPresent()) {
            PemKeyCertOptions own =
                    new PemKeyCertOptions()
                            .addCertValue(read(certificate.get()))
                            .addKeyValue(read(key.get()));
            require(
                    "certificates in PEM, and their key as PKCS #8 in " + key.get().getFileName(),
                    certificate.get(),
                    () -> own.getKeyManagerFactory(vertx));
            options.setKeyCertOptions(own);
        }
    }

    private static Optional<Path> ofSystem() {
        return OF_THE_SYSTEM.stream().filter(Files::isReadable).findFirst();
    }

    private static Buffer read(Path file) throws FlipsideException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length <= MAX_BYTES) {
                return Buffer.buffer(bytes);
            }
        } catch (IOException e) {
            throw invalid(file, "a file that can be read", e.toString(), e);
        }
        throw invalid(file, "at most " + MAX_BYTES + " bytes", "more", null);
    }

    /** What Vert.x would only do at the first connection, and then report as the server's fault. */
    @FunctionalInterface
    private interface Opening {
        Object open() throws Exception;
    }

    private static void require(String expected, Path file, Opening opening)
            throws FlipsideException {
        try {
            Object opened = opening.open();
            if (opened == null) {
                throw new IllegalStateException("no factory for " + file);
            }
        } catch (Exception e) {
            throw invalid(file, expected, String.valueOf(e.getMessage()), e);
        }
    }

    private static FlipsideException invalid(
            Path file, String expected, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.CONFIG_INVALID,
                        file.toString(),
                        expected,
                        found,
                        "correct '[source] ca-certificates', client-certificate or client-key"),
                cause);
    }
}
