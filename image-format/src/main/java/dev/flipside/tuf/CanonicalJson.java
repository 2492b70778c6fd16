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
    private CanonicalJson() {}

    /**
     * @param what names the document in the failure
     */
    public static byte[] encode(JsonNode node, String what) throws FlipsideException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(node, what, out);
        return out.toByteArray();
    }

    // Nesting is bounded: StrictJson reads 32 levels, and whoever builds a tree builds fewer.
    private static void write(JsonNode node, String what, ByteArrayOutputStream out)
            throws FlipsideException {
        switch (node.getNodeType()) {
            case OBJECT -> writeObject(node, what, out);
            case ARRAY -> writeArray(node, what, out);
            case STRING -> writeString(utf8(node.textValue(), what), out);
            case NUMBER -> writeNumber(node, what, out);
            case BOOLEAN, NULL -> out.writeBytes(ascii(node.asText()));
            case BINARY, MISSING, POJO ->
                    throw new IllegalArgumentException("not JSON: " + node.getNodeType());
        }
    }

    private static void writeObject(JsonNode node, String what, ByteArrayOutputStream out)
            throws FlipsideException {
        // UTF-8 sorts by code point; UTF-16, as String compares, does not.
        Map<byte[], JsonNode> sorted = new TreeMap<>(Arrays::compareUnsigned);
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            sorted.put(utf8(member.getKey(), what), member.getValue());
        }
        int separator = '{';
        for (Map.Entry<byte[], JsonNode> member : sorted.entrySet()) {
            out.write(separator);
            separator = ',';
            writeString(member.getKey(), out);
            out.write(':');
            write(member.getValue(), what, out);
        }
        if (sorted.isEmpty()) {
            out.write('{');
        }
        out.write('}');
    }

    private static void writeArray(JsonNode node, String what, ByteArrayOutputStream out)
            throws FlipsideException {
        out.write('[');
        for (int i = 0; i < node.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            write(node.get(i), what, out);
        }
        out.write(']');
    }

    private static void writeString(byte[] utf8, ByteArrayOutputStream out) {
        out.write('"');
        for (byte b : utf8) {
            if (b == '"' || b == '\\') {
                out.write('\\');
            }
            out.write(b);
        }
        out.write('"');
    }

    private static void writeNumber(JsonNode node, String what, ByteArrayOutputStream out)
            throws FlipsideException {
        if (!node.isIntegralNumber()) {
            throw noCanonicalForm(what, "integers only", node.asText(), null);
        }
        out.writeBytes(ascii(node.bigIntegerValue().toString()));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] utf8(String text, String what) throws FlipsideException {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw noCanonicalForm(what, "text in Unicode", "half of a surrogate pair", e);
        }
    }

    private static FlipsideException noCanonicalForm(
            String what, String expected, String found, Throwable cause) {
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
