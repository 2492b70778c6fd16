package dev.flipside.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * The fields of one object in {@code release.json}, each read with its range, so that nothing
 * outside of it gets any further.
 *
 * @param path where the object stands: "release.json" or "release.json: verity"
 */
record ManifestFields(ObjectNode node, String path) {
    private static final int SHOWN_LENGTH = 80;
    private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59Z");
    private static final String EXPECTED_TIME =
            "a time in UTC from 1970 to 9999, as 2026-01-31T12:00:00Z";

    long number(String name, long min, long max) throws FlipsideException {
        JsonNode value = node.get(name);
        if (value == null
                || !value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < min
                || value.longValue() > max) {
            throw malformed(name, "an integer from " + min + " to " + max);
        }
        return value.longValue();
    }

    String text(String name, Pattern pattern, String expected) throws FlipsideException {
        JsonNode value = node.get(name);
        if (value == null || !value.isTextual() || !pattern.matcher(value.textValue()).matches()) {
            throw malformed(name, expected);
        }
        return value.textValue();
    }

    Instant time(String name) throws FlipsideException {
        JsonNode value = node.get(name);
        try {
            if (value != null && value.isTextual()) {
                Instant time = Instant.parse(value.textValue());
                if (time.toString().equals(value.textValue())
                        && !time.isBefore(Instant.EPOCH)
                        && !time.isAfter(END_OF_TIME)) {
                    return time;
                }
            }
        } catch (DateTimeException e) {
            throw new FlipsideException(malformed(name, EXPECTED_TIME).failure(), e);
        }
        throw malformed(name, EXPECTED_TIME);
    }

    ManifestFields object(String name) throws FlipsideException {
        if (node.get(name) instanceof ObjectNode object) {
            return new ManifestFields(object, below(name));
        }
        throw malformed(name, "an object");
    }

    FlipsideException malformed(String name, String expected) {
        JsonNode value = node.get(name);
        String found = value == null ? "nothing" : value.toString();
        return new FlipsideException(
                FailureCode.MANIFEST_MALFORMED,
                below(name),
                expected,
                found.length() > SHOWN_LENGTH ? found.substring(0, SHOWN_LENGTH) + "…" : found,
                "build and publish the release again");
    }

    private String below(String name) {
        return path + (path.contains(":") ? "." : ": ") + name;
    }
}
