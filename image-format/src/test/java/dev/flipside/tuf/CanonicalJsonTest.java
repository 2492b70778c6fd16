package dev.flipside.tuf;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class CanonicalJsonTest {
    private static String canonical(String json) throws FlipsideException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return new String(
                CanonicalJson.encode(
                        StrictJson.parse(bytes, "test", FailureCode.METADATA_MALFORMED), "test"),
                StandardCharsets.UTF_8);
    }

    @Test
    void leavesOutSpaceAndSortsKeys() throws FlipsideException {
        assertEquals(
                "{\"a\":[1,-2,{}],\"b\":{\"c\":null,\"d\":true,\"e\":[]}}",
                canonical("{ \"b\" : {\"e\":[ ],\"d\":true,\"c\":null},\n \"a\":[1, -2, {}] }"));
    }

    @Test
    void sortsKeysByCodePointAndNotByUtf16() throws FlipsideException {
        // U+FB33 is below U+1F600, whose first UTF-16 unit D83D is below FB33.
        assertEquals(
                "{\"\":0,\"A\":1,\"a\":2,\"\uFB33\":3,\"\uD83D\uDE00\":4}",
                canonical("{\"\uD83D\uDE00\":4,\"\uFB33\":3,\"a\":2,\"A\":1,\"\":0}"));
    }

    @Test
    void escapesQuotesAndBackslashesOnly() throws FlipsideException {
        assertEquals(
                "{\"a\":\"\\\"\\\\/\n\t\u0001\u00e9\"}",
                canonical("{\"a\":\"\\u0022\\\\\\/\\n\\t\\u0001\\u00e9\"}"));
    }

    @Test
    void writesIntegersOfAnySizeTheSameWay() throws FlipsideException {
        assertEquals(
                "{\"a\":18446744073709551616,\"b\":0}",
                canonical("{\"a\":18446744073709551616,\"b\":-0}"));
    }

    @Test
    void refusesNumbersThatAreNotIntegers() {
        for (String number : new String[] {"1.0", "1e3", "-0.5"}) {
            assertRefused(
                    FailureCode.METADATA_MALFORMED, () -> canonical("{\"a\":" + number + "}"));
        }
    }

    @Test
    void refusesHalfASurrogatePair() {
        assertRefused(FailureCode.METADATA_MALFORMED, () -> canonical("{\"a\":\"\\ud800\"}"));
        assertRefused(FailureCode.METADATA_MALFORMED, () -> canonical("{\"\\udc00\":1}"));
    }
}
