package dev.flipside.tuf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Canonical JSON as OLPC defines it (TUF 1.0, section 4.1): the one sequence of bytes that stands
 * for a value, and that signatures and key ids are made over. Keys are sorted by code point,
 * nothing is indented, and of all characters only {@code "} and {@code \} are escaped.
 *
 * <p>Values that have no such form are refused: numbers that are not integers, and text with half
 * of a surrogate pair, which would come out as the same {@code ?} for every half.
 */
public final class CanonicalJson {
    private final String what;
    private final boolean forFiles;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private CanonicalJson(String what, boolean forFiles) {
        this.what = what;
        this.forFiles = forFiles;
    }

    /**
     * @param what names the document in the failure
     */
    public static byte[] encode(JsonNode node, String what) throws FlipsideException {
        CanonicalJson writer = new CanonicalJson(what, false);
        writer.write(node);
        return writer.out.toByteArray();
    }

    /**
     * The same, but JSON for every reader: in the canonical form, a line break in a string stands
     * for itself, as those of a PEM key do, and that is no JSON (RFC 8259, section 7).
     */
    public static byte[] encodeFile(JsonNode node, String what) throws FlipsideException {
        CanonicalJson writer = new CanonicalJson(what, true);
        writer.write(node);
        return writer.out.toByteArray();
    }

    // Nesting is bounded: StrictJson reads 32 levels, and whoever builds a tree builds fewer.
    private void write(JsonNode node) throws FlipsideException {
        switch (node.getNodeType()) {
            case OBJECT -> writeObject(node);
            case ARRAY -> writeArray(node);
            case STRING -> writeString(utf8(node.textValue()));
            case NUMBER -> writeNumber(node);
            case BOOLEAN, NULL -> out.writeBytes(ascii(node.asText()));
            case BINARY, MISSING, POJO ->
                    throw new IllegalArgumentException("not JSON: " + node.getNodeType());
        }
    }

    private void writeObject(JsonNode node) throws FlipsideException {
        // UTF-8 sorts by code point; UTF-16, as String compares, does not.
        Map<byte[], JsonNode> sorted = new TreeMap<>(Arrays::compareUnsigned);
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            sorted.put(utf8(member.getKey()), member.getValue());
        }
        int separator = '{';
        for (Map.Entry<byte[], JsonNode> member : sorted.entrySet()) {
            out.write(separator);
            separator = ',';
            writeString(member.getKey());
            out.write(':');
            write(member.getValue());
        }
        if (sorted.isEmpty()) {
            out.write('{');
        }
        out.write('}');
    }

    private void writeArray(JsonNode node) throws FlipsideException {
        out.write('[');
        for (int i = 0; i < node.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            write(node.get(i));
        }
        out.write(']');
    }

    private void writeString(byte[] utf8) {
        out.write('"');
        for (byte b : utf8) {
            if (b == '"' || b == '\\') {
                out.write('\\');
            }
            if (forFiles && b >= 0 && b < ' ') {
                out.writeBytes(ascii("\\u%04x".formatted((int) b)));
            } else {
                out.write(b);
            }
        }
        out.write('"');
    }

    private void writeNumber(JsonNode node) throws FlipsideException {
        if (!node.isIntegralNumber()) {
            throw noCanonicalForm("integers only", node.asText(), null);
        }
        out.writeBytes(ascii(node.bigIntegerValue().toString()));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] utf8(String text) throws FlipsideException {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw noCanonicalForm("text in Unicode", "half of a surrogate pair", e);
        }
    }

    private FlipsideException noCanonicalForm(String expected, String found, Throwable cause) {
        return new FlipsideException(
                new dev.flipside.failure.Failure(
                        FailureCode.METADATA_MALFORMED,
                        what,
                        expected,
                        found,
                        "fetch or write the file again"),
                cause);
    }
}
