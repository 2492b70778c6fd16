package dev.flipside.boot.secureboot;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;

/** What firmware asks of X.509 certificates (RFC 5280): not when they are valid. */
final class Certificates {
    private Certificates() {}

    /** Whether one is an authority's, by whose key the other was signed. */
    static boolean isIssuer(X509Certificate issuer, X509Certificate subject) {
        if (issuer.getBasicConstraints() < 0
                || !issuer.getSubjectX500Principal().equals(subject.getIssuerX500Principal())) {
            return false;
        }
        try {
            subject.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            // Another key, or one of a kind that is not known: no issuer in either case.
            return false;
        }
    }

    static String name(X509Certificate certificate) {
        return "'" + certificate.getSubjectX500Principal().getName() + "'";
    }
}
