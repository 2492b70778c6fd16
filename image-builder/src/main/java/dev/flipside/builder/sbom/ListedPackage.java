package dev.flipside.builder.sbom;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import dev.flipside.failure.FlipsideException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A package with its names in an SBOM.
 *
 * @param id of letters, digits, dots and dashes; no other package of the SBOM has it
 * @param url the package URL
 */
record ListedPackage(InstalledPackage installed, String id, String url) {
    /** In the same order. */
    static List<ListedPackage> list(SortedSet<InstalledPackage> packages, OperatingSystem system)
            throws FlipsideException {
        List<ListedPackage> listed = new ArrayList<>();
        Set<String> ids = new TreeSet<>();
        for (InstalledPackage one : packages) {
            listed.add(new ListedPackage(one, id(one, ids), url(one, system)));
        }
        return List.copyOf(listed);
    }

    private static String id(InstalledPackage one, Set<String> ids) {
        String stem =
                String.join(
                                "-",
                                "Package",
                                one.kind().code(),
                                one.name(),
                                one.fullVersion(),
                                one.architecture().orElse("none"))
                        .replaceAll("[^A-Za-z0-9.-]", "-");
        String id = stem;
        for (int n = 2; !ids.add(id); n++) {
            id = stem + "-" + n;
        }
        return id;
    }

    private static String url(InstalledPackage one, OperatingSystem system)
            throws FlipsideException {
        TreeMap<String, String> qualifiers = new TreeMap<>();
        one.architecture().ifPresent(architecture -> qualifiers.put("arch", architecture));
        one.epoch().ifPresent(epoch -> qualifiers.put("epoch", Long.toString(epoch)));
        qualifiers.put("distro", system.distribution());
        try {
            return new PackageURL(
                            one.kind().code(),
                            system.id(),
                            one.name(),
                            one.version(),
                            qualifiers,
                            null)
                    .canonicalize();
        } catch (MalformedPackageURLException e) {
            throw DatabaseRefusal.because(
                    "in the image",
                    "packages with names that a package URL can have",
                    "'" + one.name() + "'",
                    e);
        }
    }
}
