package dev.flipside.builder.sbom;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** Takes the packages of an image, as many as an SBOM in memory can hold. */
final class PackageList {
    static final int MAX_PACKAGES = 20_000;
    private static final int MAX_CHARACTERS = 1 << 23;

    private final TreeSet<InstalledPackage> packages = new TreeSet<>(InstalledPackage.ORDER);
    private long characters;

    void add(InstalledPackage one) throws FlipsideException {
        packages.add(one);
        characters += one.toString().length();
        if (packages.size() > MAX_PACKAGES || characters > MAX_CHARACTERS) {
            throw new FlipsideException(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    "package database in the image",
                    "at most "
                            + MAX_PACKAGES
                            + " packages, described in "
                            + MAX_CHARACTERS
                            + " characters",
                    "more",
                    "leave out what a host does not need");
        }
    }

    /** In the order of an SBOM. */
    SortedSet<InstalledPackage> packages() {
        return Collections.unmodifiableSortedSet(packages);
    }
}
