package dev.flipside.repository;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.repository.Channel.Pointer;
import dev.flipside.repository.Channel.Wave;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ChannelTest {
    private static final String DIGEST = "ab".repeat(32);

    private static final Channel CHANNEL =
            new Channel(
                    "shop-host",
                    Architecture.ARM64,
                    "stable",
                    new Pointer("3", DIGEST),
                    2,
                    List.of(new Pointer("1.5", "cd".repeat(32))),
                    List.of(new Pointer("2~rc1", "ef".repeat(32))),
                    List.of(
                            new Wave(Instant.parse("2026-11-20T00:00:00Z"), 5),
                            new Wave(Instant.parse("2026-11-21T00:00:00Z"), 100)));

    private static Channel parse(String text) throws FlipsideException {
        return Channel.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text() {
        return new String(CHANNEL.write(), StandardCharsets.UTF_8);
    }

    @Test
    void readsWhatItWrote() throws FlipsideException {
        assertEquals(CHANNEL, Channel.parse(CHANNEL.write()));
        assertArrayEquals(CHANNEL.write(), CHANNEL.write());
    }

    @Test
    void keepsItsRulesWhenItPointsToAnotherRelease() {
        Channel next = CHANNEL.withRelease(new Pointer("4", DIGEST));
        assertEquals("4", next.release().version());
        assertEquals(CHANNEL, next.withRelease(CHANNEL.release()));
    }

    @Test
    void ignoresFieldsThatItDoesNotKnow() throws FlipsideException {
        assertEquals(CHANNEL, parse(text().replaceFirst("\\{", "{\"future\": {\"a\": [1]},")));
    }

    @Test
    void refusesAFormatThatItDoesNotKnow() {
        String newer = text().replace("\"format\" : 1", "\"format\" : 2");
        assertRefused(FailureCode.CHANNEL_FORMAT_UNKNOWN, () -> parse(newer));
    }

    @Test
    void refusesFieldsOutOfRange() {
        String[][] changes = {
            {"\"format\" : 1", "\"format\" : 0"},
            {"shop-host", "../host"},
            {"shop-host", ""},
            {"arm64", "mips"},
            {"\"stable\"", "\"Stable\""},
            {"\"3\"", "3"},
            {DIGEST, DIGEST.substring(1)},
            {DIGEST, "AB".repeat(32)},
            {"\"securityFloor\" : 2", "\"securityFloor\" : 0"},
            {"\"securityFloor\" : 2", "\"securityFloor\" : 2147483648"},
            {"\"percent\" : 5\n", "\"percent\" : 0\n"},
            {"\"percent\" : 100", "\"percent\" : 101"},
            {"\"percent\" : 100", "\"percent\" : 5"},
            {"2026-11-21", "2026-11-20"},
            {"2026-11-21", "2026-11-31"},
            {"\"waves\" : [", "\"waves\" : {"},
            {"\"withdrawn\"", "\"withdrew\""},
        };
        for (String[] change : changes) {
            String changed = text().replace(change[0], change[1]);
            assertNotEquals(text(), changed, change[0]);
            assertRefused(FailureCode.CHANNEL_MALFORMED, () -> parse(changed));
        }
    }

    @Test
    void refusesAFileThatIsTooLarge() {
        String padded = text() + " ".repeat(Channel.MAX_BYTES);
        assertRefused(FailureCode.CHANNEL_MALFORMED, () -> parse(padded));
    }

    @Test
    void survivesAnyBytes() {
        long seed = 20261120;
        Random random = new Random(seed);
        byte[] original = CHANNEL.write();
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = original.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                assertNotNull(Channel.parse(bytes));
            } catch (FlipsideException e) {
                assertNotNull(e.failure(), "seed " + seed + ", round " + i);
            }
        }
    }
}
