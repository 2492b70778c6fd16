package dev.flipside.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/**
 * JSON as the formats here allow it (RFC 8259, one object, UTF-8): duplicate keys, trailing tokens
 * and deep nesting are refused, so that two readers never see two documents in the same bytes.
 */
public final class StrictJson {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_NUMBER_LENGTH = 20;
    private static final int MAX_STRING_LENGTH = 1 << 20;
    private static final int MAX_NAME_LENGTH = 1024;

    private static final JsonFactory FORMAT =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNumberLength(MAX_NUMBER_LENGTH)
                                    .maxStringLength(MAX_STRING_LENGTH)
                                    .maxNameLength(MAX_NAME_LENGTH)
                                    .build())
                    .build();

    private StrictJson() {}

    /**
     * Reads one JSON object.
     *
     * @param what names the document in the failure, as "release.json"
     * @param code the failure to report when the bytes are not one JSON object
     */
    public static ObjectNode parse(byte[] bytes, String what, FailureCode code)
            throws FlipsideException {
        JsonNode node = parseNode(bytes, "object", what, code);
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw malformed("object", what, code, "a JSON " + node.getNodeType(), null);
    }

    /** Reads one JSON list, with the same limits, for the few formats that begin with one. */
    public static ArrayNode parseList(byte[] bytes, String what, FailureCode code)
            throws FlipsideException {
        JsonNode node = parseNode(bytes, "list", what, code);
        if (node instanceof ArrayNode list) {
            return list;
        }
        throw malformed("list", what, code, "a JSON " + node.getNodeType(), null);
    }

    /** What is wrong with bytes that are no document, where a reader needs to know. */
    public enum Fault {
        DUPLICATE_KEY,
        TOO_DEEP,
        OTHER
    }

    /** What {@link #parse} found, from the failure that it reported. */
    public static Fault faultOf(FlipsideException failure) {
        String message = failure.failure().found();
        return switch (failure.getCause()) {
            case StreamConstraintsException e when message.startsWith("Document nesting depth") ->
                    Fault.TOO_DEEP;
            case JsonProcessingException e when message.startsWith("Duplicate") ->
                    Fault.DUPLICATE_KEY;
            case null, default -> Fault.OTHER;
        };
    }

    private static JsonNode parseNode(byte[] bytes, String kind, String what, FailureCode code)
            throws FlipsideException {
        try (JsonParser in = FORMAT.createParser(bytes)) {
            JsonNode node = JsonTree.read(in);
            if (in.nextToken() != null) {
                throw new JsonParseException(in, "more after it");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw malformed(kind, what, code, e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw malformed(kind, what, code, String.valueOf(e.getMessage()), e);
        }
    }

    /** An empty object to fill; its keys keep the order in which they are put. */
    public static ObjectNode object() {
        return JsonTree.object();
    }

    /** The tree on one line without its end: the form for programs that read line by line. */
    public static String line(JsonNode tree) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FORMAT.createGenerator(text)) {
            JsonTree.write(tree, out);
        } catch (IOException e) {
            throw new IllegalStateException("a tree that cannot be written", e);
        }
        return text.toString();
    }

    /** Indented UTF-8 text, ended by a newline: the form in which files for people are written. */
    public static byte[] pretty(ObjectNode object) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FORMAT.createGenerator(text).useDefaultPrettyPrinter()) {
            JsonTree.write(object, out);
        } catch (IOException e) {
            throw new IllegalStateException("a tree that cannot be written", e);
        }
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static FlipsideException malformed(
            String kind, String what, FailureCode code, String found, Throwable cause) {
        return new FlipsideException(
                new dev.flipside.failure.Failure(
                        code,
                        what,
                        "one JSON " + kind + " without duplicate keys",
                        found,
                        "fetch or write the file again"),
                cause);
    }
}
