package dev.flipside.boot.secureboot;

import dev.flipside.boot.uki.AttributeCertificates;
import dev.flipside.format.ByteString;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which images firmware starts (UEFI 2.10, clause 32.5.3.3). Where firmwares differ this is the
 * strictest: a loader does not fall back from an image that firmware refuses.
 *
 * @param enforced whether Secure Boot is on; otherwise firmware starts anything
 * @param allowed {@code db}, and what shim adds to it
 * @param forbidden {@code dbx}, and what shim adds to it
 */
public record FirmwareTrust(
        boolean enforced, SignatureDatabase allowed, SignatureDatabase forbidden) {
    public FirmwareTrust {
        Objects.requireNonNull(allowed);
        Objects.requireNonNull(forbidden);
    }

    /** Of a machine without Secure Boot, or with it off. */
    public static FirmwareTrust ofAnything() {
        return new FirmwareTrust(false, SignatureDatabase.empty(), SignatureDatabase.empty());
    }

    /**
     * Why firmware would refuse an image.
     *
     * @return what was found in place of a signature that it takes; empty when it starts the image
     */
    public Optional<String> refusal(AttributeCertificates image) {
        if (!enforced) {
            return Optional.empty();
        }
        if (forbidden.images().contains(image.sha256())) {
            return Optional.of("an image whose digest is in dbx");
        }
        List<String> signers = new ArrayList<>();
        boolean vouched = allowed.images().contains(image.sha256());
        for (ByteString bytes : image.pkcs7()) {
            Optional<AuthenticodeSignature> signature =
                    AuthenticodeSignature.read(bytes)
                            .filter(it -> it.sha256().equals(image.sha256()));
            if (signature.isEmpty()) {
                signers.add("one that is damaged, or of other bytes");
                continue;
            }
            List<X509Certificate> path = signature.get().path();
            if (path.stream().anyMatch(it -> forbidden.vouchesFor(it) || forbidden.revokes(it))) {
                return Optional.of("one by %s, which dbx revokes".formatted(names(path)));
            }
            vouched |= path.stream().anyMatch(allowed::vouchesFor);
            signers.add("one by " + names(path));
        }
        if (vouched) {
            return Optional.empty();
        }
        return Optional.of(signers.isEmpty() ? "no signature" : String.join(", ", signers));
    }

    private static String names(List<X509Certificate> path) {
        return String.join(" under ", path.stream().map(Certificates::name).toList());
    }
}
