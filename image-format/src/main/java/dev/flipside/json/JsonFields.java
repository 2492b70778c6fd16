package dev.flipside.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The fields of one JSON object, each read with its type and its range. Whatever does not fit is
 * the same failure, which names the field by its path.
 *
 * @param what names the document and the place in it, as "timestamp.json: signed.meta"
 * @param code the failure to report when a field is not as asked for
 */
public record JsonFields(ObjectNode node, String what, FailureCode code) {
    private static final int INSTANT_LENGTH = "1985-10-21T01:21:00Z".length();
    private static final DateTimeFormatter INSTANT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT)
                    .withResolverStyle(ResolverStyle.STRICT)
                    .withZone(java.time.ZoneOffset.UTC);

    /** Reads the bytes of a whole document. */
    public static JsonFields parse(byte[] bytes, String what, FailureCode code)
            throws FlipsideException {
        return new JsonFields(StrictJson.parse(bytes, what, code), what, code);
    }

    /** The form in which {@link #instant} reads a time; parts of a second are cut off. */
    public static String format(Instant instant) {
        return INSTANT.format(instant.truncatedTo(ChronoUnit.SECONDS));
    }

    public boolean has(String name) {
        return node.has(name);
    }

    public String string(String name) throws FlipsideException {
        return string(name, node.get(name));
    }

    public boolean bool(String name) throws FlipsideException {
        JsonNode value = node.get(name);
        if (value == null || !value.isBoolean()) {
            throw unexpected(name, "true or false", value);
        }
        return value.booleanValue();
    }

    /** An integer from {@code lowest} to {@code highest}, both included. */
    public long integer(String name, long lowest, long highest) throws FlipsideException {
        JsonNode value = node.get(name);
        if (value == null
                || !value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < lowest
                || value.longValue() > highest) {
            throw unexpected(name, "an integer from " + lowest + " to " + highest, value);
        }
        return value.longValue();
    }

    /** A time in UTC, to the second: "1985-10-21T01:21:00Z". */
    public Instant instant(String name) throws FlipsideException {
        String text = string(name);
        try {
            if (text.length() == INSTANT_LENGTH) {
                return Instant.from(INSTANT.parse(text));
            }
        } catch (DateTimeException e) {
            throw unexpected(name, "a time as 1985-10-21T01:21:00Z", node.get(name), e);
        }
        throw unexpected(name, "a time as 1985-10-21T01:21:00Z", node.get(name));
    }

    /**
     * A string of which the whole matches a pattern.
     *
     * @param expected says in words what the pattern asks for
     */
    public String matching(String name, Pattern pattern, String expected) throws FlipsideException {
        String text = string(name);
        if (!pattern.matcher(text).matches()) {
            throw unexpected(name, expected, node.get(name));
        }
        return text;
    }

    /** Lowercase hex of exactly so many bytes. */
    public String hex(String name, int sizeBytes) throws FlipsideException {
        String text = string(name);
        if (text.length() != 2 * sizeBytes || !isLowercaseHex(text)) {
            throw unexpected(name, 2 * sizeBytes + " lowercase hex digits", node.get(name));
        }
        return text;
    }

    public JsonFields object(String name) throws FlipsideException {
        return object(name, node.get(name));
    }

    /** Every member of this object, each of which is an object, in the order of the document. */
    public List<Map.Entry<String, JsonFields>> objects(int maxCount) throws FlipsideException {
        checkCount("", "members", node.size(), maxCount);
        List<Map.Entry<String, JsonFields>> members = new ArrayList<>(node.size());
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            members.add(Map.entry(member.getKey(), object(member.getKey(), member.getValue())));
        }
        return members;
    }

    /** A list of strings. */
    public List<String> strings(String name, int maxCount) throws FlipsideException {
        ArrayNode array = array(name, maxCount);
        List<String> strings = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            strings.add(string(name + "[" + i + "]", array.get(i)));
        }
        return strings;
    }

    /** A list of objects. */
    public List<JsonFields> list(String name, int maxCount) throws FlipsideException {
        ArrayNode array = array(name, maxCount);
        List<JsonFields> objects = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            objects.add(object(name + "[" + i + "]", array.get(i)));
        }
        return objects;
    }

    /** The failure that a field is not what it should be. */
    public FlipsideException unexpected(String name, String expected, JsonNode found) {
        return unexpected(name, expected, found, null);
    }

    private FlipsideException unexpected(
            String name, String expected, JsonNode found, Throwable cause) {
        return new FlipsideException(
                new dev.flipside.failure.Failure(
                        code,
                        what + ": field '" + shortened(name) + "'",
                        expected,
                        found == null ? "nothing" : shortened(found.toString()),
                        "fetch or write the file again"),
                cause);
    }

    private ArrayNode array(String name, int maxCount) throws FlipsideException {
        if (!(node.get(name) instanceof ArrayNode array)) {
            throw unexpected(name, "a list", node.get(name));
        }
        checkCount(name, "elements", array.size(), maxCount);
        return array;
    }

    private void checkCount(String name, String unit, int count, int maxCount)
            throws FlipsideException {
        if (count > maxCount) {
            throw new FlipsideException(
                    // Metadata is what strangers send: who wants to exhaust a host is told so.
                    code == FailureCode.METADATA_MALFORMED ? FailureCode.METADATA_OVER_LIMIT : code,
                    what + ": field '" + shortened(name) + "'",
                    "at most " + maxCount + " " + unit,
                    Integer.toString(count),
                    "fetch or write the file again");
        }
    }

    private String string(String name, JsonNode value) throws FlipsideException {
        if (value == null || !value.isTextual()) {
            throw unexpected(name, "a string", value);
        }
        return value.textValue();
    }

    private JsonFields object(String name, JsonNode value) throws FlipsideException {
        if (value instanceof ObjectNode object) {
            return new JsonFields(object, what + ": " + shortened(name), code);
        }
        throw unexpected(name, "an object", value);
    }

    private static boolean isLowercaseHex(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }
}
