package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A key on a PKCS #11 token, as a URI (RFC 7512): {@code
 * pkcs11:token=LABEL;object=LABEL;id=%01?module-path=FILE&pin-source=file:FILE}.
 *
 * @param token label, empty for the only token
 * @param object label of the key, empty for any
 * @param id of the key, empty for any
 * @param module the library
 * @param pin the user's PIN; without it no one logs in
 */
record TokenUri(
        Optional<String> token,
        Optional<String> object,
        Optional<ByteString> id,
        Path module,
        Optional<String> pin) {
    static final String SCHEME = "pkcs11:";

    private static final List<String> PATH_KEYS = List.of("token", "object", "id", "type");
    private static final List<String> QUERY_KEYS =
            List.of("module-path", "pin-value", "pin-source");

    /**
     * Reads a URI, and the PIN that it names.
     *
     * @throws FlipsideException {@code argument-invalid} for attributes that are unknown or given
     *     twice, as to leave one out could sign with another key; {@code input-missing} for a PIN
     *     that is not there
     */
    static TokenUri parse(String uri) throws FlipsideException, IOException {
        String rest = uri.substring(SCHEME.length());
        int mark = rest.indexOf('?');
        Map<String, byte[]> path =
                attributes(mark < 0 ? rest : rest.substring(0, mark), ";", PATH_KEYS);
        Map<String, byte[]> query =
                attributes(mark < 0 ? "" : rest.substring(mark + 1), "&", QUERY_KEYS);
        if (!query.containsKey("module-path")) {
            throw invalid("'module-path=' with the token's library", "none");
        }
        if (path.containsKey("type") && !text(path, "type").equals(Optional.of("private"))) {
            throw invalid("'type=private'", "another type");
        }
        if (!path.containsKey("object") && !path.containsKey("id")) {
            throw invalid("'object=' or 'id=' of the key", "neither");
        }
        return new TokenUri(
                text(path, "token"),
                text(path, "object"),
                Optional.ofNullable(path.get("id")).map(ByteString::of),
                module(text(query, "module-path").orElseThrow()),
                pin(query));
    }

    /** The URI without its PIN and library. */
    String name() {
        StringBuilder name = new StringBuilder(SCHEME);
        token.ifPresent(label -> name.append("token=").append(label).append(';'));
        object.ifPresent(label -> name.append("object=").append(label).append(';'));
        id.ifPresent(
                bytes ->
                        name.append("id=")
                                .append(java.util.HexFormat.of().formatHex(bytes.toByteArray())));
        return name.toString().replaceFirst(";$", "");
    }

    private static Path module(String file) throws FlipsideException {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.ARGUMENT_INVALID,
                            "module-path of a PKCS #11 URI",
                            "a path",
                            e.getReason(),
                            "give another value"),
                    e);
        }
    }

    private static Optional<String> pin(Map<String, byte[]> query)
            throws FlipsideException, IOException {
        Optional<String> source = text(query, "pin-source");
        if (source.isEmpty()) {
            return text(query, "pin-value");
        }
        return Optional.of(Passphrase.ofFile(source.get().replaceFirst("^file:(//)?", "")));
    }

    private static Optional<String> text(Map<String, byte[]> attributes, String key) {
        return Optional.ofNullable(attributes.get(key))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private static Map<String, byte[]> attributes(String text, String separator, List<String> known)
            throws FlipsideException {
        Map<String, byte[]> attributes = new LinkedHashMap<>();
        for (String attribute : text.split(separator)) {
            if (attribute.isEmpty()) {
                continue;
            }
            int equals = attribute.indexOf('=');
            String key = equals < 0 ? attribute : attribute.substring(0, equals);
            if (equals < 0 || !known.contains(key)) {
                throw invalid("the attributes " + String.join(", ", known), "'" + key + "'");
            }
            if (attributes.put(key, decoded(attribute.substring(equals + 1))) != null) {
                throw invalid("each attribute once", "'" + key + "' twice");
            }
        }
        return attributes;
    }

    private static byte[] decoded(String text) throws FlipsideException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                bytes.write(raw[i]);
                continue;
            }
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw invalid("two hex digits after each '%'", "'" + text + "'");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return bytes.toByteArray();
    }

    private static FlipsideException invalid(String expected, String found) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "PKCS #11 URI",
                expected,
                found,
                "write 'pkcs11:token=…;object=…?module-path=…&pin-source=file:…'");
    }
}
