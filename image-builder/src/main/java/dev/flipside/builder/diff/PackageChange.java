package dev.flipside.builder.diff;

import java.util.Optional;

/**
 * A package that is not the same in both images, or of which a file is fetched all the same.
 *
 * @param architecture as the package manager names it
 * @param fetchedBytes of all files that belong to it
 */
public record PackageChange(
        Kind kind,
        String name,
        String architecture,
        Optional<String> oldVersion,
        Optional<String> newVersion,
        long fetchedBytes) {

    /** What became of it. */
    public enum Kind {
        ADDED("added"),
        REMOVED("removed"),
        UPGRADED("upgraded"),
        DOWNGRADED("downgraded"),
        /** The same version; its files may differ all the same. */
        SAME("same");

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
