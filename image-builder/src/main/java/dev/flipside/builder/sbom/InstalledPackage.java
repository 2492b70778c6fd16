package dev.flipside.builder.sbom;

import java.util.Comparator;
import java.util.Optional;

/**
 * A package that the database of an image has as installed.
 *
 * @param version as its package manager prints it, without an RPM's epoch
 * @param epoch of an RPM that has one; Debian's is part of the version
 * @param architecture none for the public keys in an RPM database
 * @param supplier who made the package
 * @param source the source package that it was built from, when the database names one
 */
record InstalledPackage(
        Kind kind,
        String name,
        String version,
        Optional<Long> epoch,
        Optional<String> architecture,
        License license,
        Optional<Supplier> supplier,
        Optional<String> source) {
    /** Order of an SBOM. */
    static final Comparator<InstalledPackage> ORDER =
            Comparator.comparing(InstalledPackage::kind)
                    .thenComparing(InstalledPackage::name)
                    .thenComparing(InstalledPackage::fullVersion)
                    .thenComparing(one -> one.architecture().orElse(""))
                    .thenComparing(InstalledPackage::toString);

    /** The package manager; its code is the type of the package URL. */
    enum Kind {
        DEB("deb"),
        RPM("rpm");

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    /** Who made a package; a name alone may be a person's or an organization's. */
    record Supplier(String name, Optional<String> email) {}

    /** With the epoch of an RPM. */
    String fullVersion() {
        return epoch.map(number -> number + ":").orElse("") + version;
    }

    InstalledPackage withLicense(License known) {
        return new InstalledPackage(
                kind, name, version, epoch, architecture, known, supplier, source);
    }
}
