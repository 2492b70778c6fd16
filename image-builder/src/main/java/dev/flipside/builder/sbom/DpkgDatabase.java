package dev.flipside.builder.sbom;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads dpkg's list of packages: {@code status}, in which each says how far it is installed, and
 * the files of {@code status.d}, as images made without dpkg have them, in which each is installed.
 */
final class DpkgDatabase {
    /** The states in which a package has files on disk; see dpkg(1), "Package states". */
    private static final Set<String> PRESENT =
            Set.of(
                    "installed",
                    "triggers-pending",
                    "triggers-awaited",
                    "half-configured",
                    "unpacked",
                    "half-installed");

    private static final Set<String> ABSENT = Set.of("not-installed", "config-files");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9+._-]*");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9.+~:-]+");
    private static final Pattern SOURCE =
            Pattern.compile("([A-Za-z0-9][A-Za-z0-9+._-]*)(?:\\s+\\(([A-Za-z0-9.+~:-]+)\\))?");
    private static final Pattern ARCHITECTURE = Pattern.compile("[a-z0-9][a-z0-9-]*");
    private static final Pattern MAINTAINER = Pattern.compile("\"?([^<\"]*)\"?\\s*<([^<>]*)>");

    /** Which file of the database is read. */
    enum Form {
        STATUS,
        STATUS_FOLDER
    }

    private DpkgDatabase() {}

    /** Adds the packages of one file that are installed; licenses are not in it. */
    static void read(InputStream in, String what, Form form, PackageList packages)
            throws IOException, FlipsideException {
        DpkgStanzas stanzas = new DpkgStanzas(in, what);
        Optional<SortedMap<String, String>> stanza = stanzas.next();
        while (stanza.isPresent()) {
            if (isPresent(stanza.get(), what, form)) {
                packages.add(installed(stanza.get(), what));
            }
            stanza = stanzas.next();
        }
    }

    private static boolean isPresent(SortedMap<String, String> fields, String what, Form form)
            throws FlipsideException {
        String status = fields.get("status");
        if (status == null) {
            return form == Form.STATUS_FOLDER;
        }
        String state = status.substring(status.lastIndexOf(' ') + 1);
        if (!PRESENT.contains(state) && !ABSENT.contains(state)) {
            throw DatabaseRefusal.because(
                    what, "Status: WANT FLAG STATE, as 'install ok installed'", quoted(status));
        }
        return PRESENT.contains(state);
    }

    private static InstalledPackage installed(SortedMap<String, String> fields, String what)
            throws FlipsideException {
        String name = matching(fields, "package", NAME, what);
        String version = matching(fields, "version", VERSION, what);
        Optional<String> architecture =
                fields.containsKey("architecture")
                        ? Optional.of(matching(fields, "architecture", ARCHITECTURE, what))
                        : Optional.empty();
        return new InstalledPackage(
                InstalledPackage.Kind.DEB,
                name,
                version,
                Optional.empty(),
                architecture,
                new License.Unknown(),
                maintainer(fields.getOrDefault("maintainer", "")),
                source(fields, version));
    }

    private static Optional<InstalledPackage.Supplier> maintainer(String text) {
        Matcher matcher = MAINTAINER.matcher(text);
        if (matcher.matches() && !matcher.group(1).isBlank()) {
            return Optional.of(
                    new InstalledPackage.Supplier(
                            matcher.group(1).strip(), Optional.of(matcher.group(2).strip())));
        }
        return text.isBlank()
                ? Optional.empty()
                : Optional.of(new InstalledPackage.Supplier(text, Optional.empty()));
    }

    /** Without a version of its own, a source package has that of the package. */
    private static Optional<String> source(SortedMap<String, String> fields, String version) {
        String text = fields.getOrDefault("source", fields.get("package"));
        Matcher matcher = SOURCE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                matcher.group(1) + " " + Optional.ofNullable(matcher.group(2)).orElse(version));
    }

    private static String matching(
            SortedMap<String, String> fields, String field, Pattern pattern, String what)
            throws FlipsideException {
        String text = fields.get(field);
        if (text == null || !pattern.matcher(text).matches()) {
            throw DatabaseRefusal.because(
                    what,
                    "a field '" + field + "' like " + pattern,
                    text == null ? "none" : quoted(text));
        }
        return text;
    }

    private static String quoted(String text) {
        return "'" + (text.length() > 100 ? text.substring(0, 100) + "…" : text) + "'";
    }
}
