package dev.flipside.builder.verify;

import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * Whose signatures count.
 *
 * @param secureBoot of UKIs and loaders; empty to check none of these
 * @param verity of root hashes; empty to check none of these
 */
public record TrustedCertificates(
        Optional<X509Certificate> secureBoot, Optional<X509Certificate> verity) {
    public static TrustedCertificates none() {
        return new TrustedCertificates(Optional.empty(), Optional.empty());
    }
}
