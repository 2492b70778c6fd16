package dev.flipside.builder.sbom;

import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads the license of a package from {@code /usr/share/doc/PACKAGE/copyright} where that is in
 * Debian's machine-readable format 1.0: all of the licenses of its files together. Those that are
 * not on SPDX's list become references to that file. Other files give nothing, as their text would
 * have to be guessed at.
 */
final class DebianCopyright {
    static final int MAX_BYTES = 1 << 22;

    private static final Pattern FORMAT =
            Pattern.compile(
                    "https?://www\\.debian\\.org/doc/packaging-manuals/copyright-format/1\\.0/?");
    private static final Pattern COMMA = Pattern.compile(",\\s+(?=(?:and|or)\\s)|,\\s+");
    private static final Pattern OR = Pattern.compile("\\s+or\\s+");
    private static final Pattern AND = Pattern.compile("\\s+and\\s+");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.+_/-]*");
    private static final Pattern NAME_WITH = Pattern.compile(NAME + "( with \\S+ exception)?");
    private static final int MAX_NAMES = 200;

    private final String packageName;
    private final SortedMap<String, String> references = new TreeMap<>();
    private int names;

    private DebianCopyright(String packageName) {
        this.packageName = packageName;
    }

    /** The license that a copyright file states for the files of its package. */
    static License license(String packageName, byte[] bytes) throws IOException {
        try {
            return new DebianCopyright(packageName).read(bytes);
        } catch (FlipsideException notOfThisFormat) {
            return new License.Unknown();
        }
    }

    private License read(byte[] bytes) throws IOException, FlipsideException {
        DpkgStanzas stanzas = new DpkgStanzas(new ByteArrayInputStream(bytes), packageName);
        Optional<SortedMap<String, String>> stanza = stanzas.next();
        if (stanza.isEmpty()
                || !FORMAT.matcher(stanza.get().getOrDefault("format", "")).matches()) {
            return new License.Unknown();
        }
        TreeSet<String> terms = new TreeSet<>();
        while (stanza.isPresent()) {
            if (stanza.get().containsKey("files")) {
                Optional<SortedSet<String>> found = terms(stanza.get().getOrDefault("license", ""));
                if (found.isEmpty()) {
                    return new License.Unknown();
                }
                terms.addAll(found.get());
            }
            stanza = stanzas.next();
        }
        return terms.isEmpty()
                ? new License.Unknown()
                : new License.Expression(joined(terms, " AND "), references);
    }

    /**
     * What applies together: a comma binds weakest, then "or", then "and" (clause 7.2). Empty when
     * it is no such synopsis.
     */
    private Optional<SortedSet<String>> terms(String synopsis) {
        TreeSet<String> terms = new TreeSet<>();
        for (String part : COMMA.split(synopsis)) {
            if (part.startsWith("or ")) {
                return Optional.empty();
            }
            String words = part.startsWith("and ") ? part.substring("and ".length()) : part;
            TreeSet<String> alternatives = new TreeSet<>();
            for (String alternative : OR.split(words)) {
                Optional<SortedSet<String>> together = together(alternative.strip());
                if (together.isEmpty()) {
                    return Optional.empty();
                }
                alternatives.add(joined(together.get(), " AND "));
            }
            terms.add(joined(alternatives, " OR "));
        }
        return Optional.of(terms);
    }

    private Optional<SortedSet<String>> together(String words) {
        TreeSet<String> terms = new TreeSet<>();
        for (String name : List.of(AND.split(words))) {
            if (!NAME_WITH.matcher(name).matches() || ++names > MAX_NAMES) {
                return Optional.empty();
            }
            terms.add(DebianLicenseNames.spdx(name).orElseGet(() -> reference(name)));
        }
        return Optional.of(Collections.unmodifiableSortedSet(terms));
    }

    /** Two packages may call two licenses by one name, so the package is in the reference. */
    private String reference(String name) {
        String id =
                "LicenseRef-debian-%s-%s"
                        .formatted(packageName, name)
                        .replaceAll("[^A-Za-z0-9.-]", "-");
        references.put(
                id,
                "The license '%s' in /usr/share/doc/%s/copyright of the image."
                        .formatted(name, packageName));
        return id;
    }

    /** An "or" within an "and" needs parentheses; an "and" within an "or" has them for readers. */
    private static String joined(SortedSet<String> terms, String operator) {
        if (terms.size() == 1) {
            return terms.first();
        }
        return String.join(operator, terms.stream().map(term -> enclosed(term, operator)).toList());
    }

    private static String enclosed(String term, String operator) {
        String other = operator.equals(" AND ") ? " OR " : " AND ";
        return term.contains(other) ? "(" + term + ")" : term;
    }
}
