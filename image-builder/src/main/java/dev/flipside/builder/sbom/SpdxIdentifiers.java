package dev.flipside.builder.sbom;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The identifiers of SPDX's license list, of licenses and of exceptions from them. */
final class SpdxIdentifiers {
    /** Of the list that stands beside this class. */
    static final String LIST_VERSION = "3.27";

    private static final SortedMap<String, String> LICENSES = read("spdx-licenses.txt");
    private static final SortedMap<String, String> EXCEPTIONS = read("spdx-exceptions.txt");

    private SpdxIdentifiers() {}

    /** A license as the list spells it; upper and lower case are the same (annex D.2). */
    static Optional<String> license(String id) {
        return Optional.ofNullable(LICENSES.get(id.toLowerCase(Locale.ROOT)));
    }

    /** The same of an exception. */
    static Optional<String> exception(String id) {
        return Optional.ofNullable(EXCEPTIONS.get(id.toLowerCase(Locale.ROOT)));
    }

    private static SortedMap<String, String> read(String resource) {
        try (InputStream in = SpdxIdentifiers.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("not in the jar: " + resource);
            }
            TreeMap<String, String> ids = new TreeMap<>();
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .forEach(id -> ids.put(id.toLowerCase(Locale.ROOT), id));
            return Collections.unmodifiableSortedMap(ids);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
