package dev.flipside.builder.sbom;

import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads stanzas of deb-control(5), as dpkg's database and machine-readable copyright files have
 * them: fields of one line, whose further lines begin with a space; an empty line ends a stanza.
 * The first line of each field is kept, under its name in lower case.
 */
final class DpkgStanzas {
    private static final int MAX_LINE_BYTES = 1 << 20;
    private static final int MAX_FIELDS = 200;

    private final InputStream in;
    private final String what;
    private long line;

    /**
     * @param in should be buffered
     * @param what names the file in a refusal
     */
    DpkgStanzas(InputStream in, String what) {
        this.in = in;
        this.what = what;
    }

    /** The next stanza, or none at the end. */
    Optional<SortedMap<String, String>> next() throws IOException, FlipsideException {
        TreeMap<String, String> fields = new TreeMap<>();
        Optional<String> text = line();
        while (text.isPresent()) {
            if (text.get().isBlank()) {
                if (!fields.isEmpty()) {
                    return Optional.of(fields);
                }
            } else if (text.get().charAt(0) != ' ' && text.get().charAt(0) != '\t') {
                field(text.get(), fields);
            } else if (fields.isEmpty()) {
                throw refusal("a field", "the continuation of none");
            }
            text = line();
        }
        return fields.isEmpty() ? Optional.empty() : Optional.of(fields);
    }

    private void field(String text, Map<String, String> fields) throws FlipsideException {
        int colon = text.indexOf(':');
        if (colon < 1) {
            throw refusal("a field, as 'Package: name'", "a line without a colon");
        }
        String name = text.substring(0, colon).toLowerCase(Locale.ROOT);
        if (fields.size() >= MAX_FIELDS
                || fields.put(name, text.substring(colon + 1).strip()) != null) {
            throw refusal("at most " + MAX_FIELDS + " fields, each once", "more");
        }
    }

    /** A line without its end, or none at the end of the file. */
    private Optional<String> line() throws IOException, FlipsideException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        line++;
        int next = in.read();
        if (next < 0) {
            return Optional.empty();
        }
        while (next >= 0 && next != '\n') {
            if (bytes.size() == MAX_LINE_BYTES) {
                throw refusal("lines of at most " + MAX_LINE_BYTES + " bytes", "a longer one");
            }
            bytes.write(next);
            next = in.read();
        }
        return Optional.of(bytes.toString(StandardCharsets.UTF_8));
    }

    private FlipsideException refusal(String expected, String found) {
        return DatabaseRefusal.because(what + ", line " + line, expected, found);
    }
}
