package dev.flipside.builder.sbom;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The short names of Debian's machine-readable copyright format 1.0 (and those that packages use
 * beside them) as SPDX identifiers. A name that says less than an identifier does, as "BSD", has
 * none.
 */
final class DebianLicenseNames {
    private static final Map<String, String> NAMES =
            Map.ofEntries(
                    Map.entry("expat", "MIT"),
                    Map.entry("apache-2", "Apache-2.0"),
                    Map.entry("artistic", "Artistic-1.0-Perl"),
                    Map.entry("artistic-1", "Artistic-1.0-Perl"),
                    Map.entry("artistic-2", "Artistic-2.0"),
                    Map.entry("bsl-1", "BSL-1.0"),
                    Map.entry("cc0", "CC0-1.0"),
                    Map.entry("bsd-2-clause-netbsd", "BSD-2-Clause"),
                    Map.entry("bsd-4-clause-uc", "BSD-4-Clause-UC"),
                    Map.entry("python-2", "Python-2.0"),
                    Map.entry("zlib/libpng", "Zlib"));

    /** {@code GPL-2+}, {@code LGPL-2.1}, {@code GFDL-NIV-1.3+}, … as in clause 7.1. */
    private static final Pattern GNU =
            Pattern.compile("(A?GPL|LGPL|GFDL|GFDL-NIV)-?v?([1-3])((?:\\.[0-3])?)(\\+?)");

    private static final Map<String, String> EXCEPTIONS =
            Map.of(
                    "bison", "Bison-exception-2.2",
                    "classpath", "Classpath-exception-2.0",
                    "font", "Font-exception-2.0",
                    "libtool", "Libtool-exception",
                    "linux-syscall-note", "Linux-syscall-note",
                    "llvm", "LLVM-exception",
                    "texinfo", "Texinfo-exception",
                    "u-boot", "u-boot-exception-2.0");

    private static final Pattern WITH =
            Pattern.compile("(\\S+) with (\\S+) exception", Pattern.CASE_INSENSITIVE);

    private DebianLicenseNames() {}

    /** One name, with its exception if it has one, as an expression of SPDX. */
    static Optional<String> spdx(String name) {
        Matcher with = WITH.matcher(name);
        if (!with.matches()) {
            return license(name);
        }
        Optional<String> exception = exception(with.group(2));
        return license(with.group(1))
                .filter(_ -> exception.isPresent())
                .map(license -> license + " WITH " + exception.orElseThrow());
    }

    private static Optional<String> license(String name) {
        Matcher gnu = GNU.matcher(name);
        if (gnu.matches()) {
            return gnu(gnu);
        }
        String known = NAMES.get(name.toLowerCase(Locale.ROOT));
        return known != null ? Optional.of(known) : SpdxIdentifiers.license(name);
    }

    private static Optional<String> gnu(Matcher name) {
        String family = name.group(1);
        String invariants = family.equals("GFDL-NIV") ? "-no-invariants" : "";
        String minor = name.group(3).isEmpty() ? ".0" : name.group(3);
        String ending = name.group(4).isEmpty() ? "-only" : "-or-later";
        String stem = family.startsWith("GFDL") ? "GFDL" : family;
        return SpdxIdentifiers.license(stem + "-" + name.group(2) + minor + invariants + ending);
    }

    private static Optional<String> exception(String name) {
        return Optional.ofNullable(EXCEPTIONS.get(name.toLowerCase(Locale.ROOT)))
                .or(() -> SpdxIdentifiers.exception(name));
    }
}
