package dev.flipside.builder.verify;

import dev.flipside.boot.uki.AttributeCertificates;
import dev.flipside.builder.release.VeritySignature;
import dev.flipside.builder.secureboot.EfiSignature;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** Checks the signatures that firmware and kernel look at, as far as certificates are given. */
final class SignatureChecks {
    private final TrustedCertificates certificates;
    private final Checks checks;

    SignatureChecks(TrustedCertificates certificates, Checks checks) {
        this.certificates = certificates;
        this.checks = checks;
    }

    /**
     * A signature of a root hash.
     *
     * @param contents of its file or partition, if there is one
     */
    void rootHash(String name, Optional<RandomAccess> contents, String rootHash)
            throws IOException {
        if (certificates.verity().isPresent()) {
            X509Certificate certificate = certificates.verity().get();
            checks.check(
                    name,
                    () -> {
                        VeritySignature.check(head(contents, name), rootHash, certificate);
                        return by(certificate);
                    });
        } else if (contents.isPresent()) {
            checks.notChecked(name, "give --verity-cert");
        }
    }

    /** A Secure Boot signature of a UKI or a loader. */
    void efi(String name, RandomAccess file) throws IOException {
        String check = "Secure Boot signature of " + name;
        if (certificates.secureBoot().isPresent()) {
            X509Certificate certificate = certificates.secureBoot().get();
            checks.check(
                    check,
                    () -> {
                        EfiSignature.check(file, certificate, name);
                        return by(certificate);
                    });
        } else if (isSigned(file, name)) {
            checks.notChecked(check, "give --secure-boot-cert");
        }
    }

    private static boolean isSigned(RandomAccess file, String name) throws IOException {
        try {
            return !AttributeCertificates.read(file, name).pkcs7().isEmpty();
        } catch (FlipsideException e) {
            return false; // What is wrong with the file itself, another check says.
        }
    }

    private static String by(X509Certificate certificate) {
        return "by '%s'".formatted(certificate.getSubjectX500Principal().getName());
    }

    private static byte[] head(Optional<RandomAccess> contents, String name)
            throws IOException, FlipsideException {
        if (contents.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.SIGNATURE_INVALID,
                    name,
                    "a signature",
                    "none",
                    "build the release with --verity-key");
        }
        ByteBuffer head =
                ByteBuffer.allocate(
                        (int) Math.min(VeritySignature.MAX_BYTES, contents.get().sizeBytes()));
        contents.get().read(head, 0);
        return head.array();
    }
}
