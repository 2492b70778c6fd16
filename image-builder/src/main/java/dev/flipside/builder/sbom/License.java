package dev.flipside.builder.sbom;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a package database, or the package itself, says about the license of a package. */
sealed interface License {
    /** Nothing, or nothing that can be read. */
    record Unknown() implements License {}

    /**
     * A license expression of SPDX 2.3, annex D.
     *
     * @param text in which every identifier is on SPDX's list, or a key of {@code references}
     * @param references what each {@code LicenseRef-…} stands for
     */
    record Expression(String text, SortedMap<String, String> references) implements License {
        public Expression {
            references = Collections.unmodifiableSortedMap(new TreeMap<>(references));
        }
    }

    /** Words that are no such expression, as the package has them. */
    record Named(String text) implements License {}
}
