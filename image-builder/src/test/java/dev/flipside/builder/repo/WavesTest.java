package dev.flipside.builder.repo;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.repository.Channel.Wave;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WavesTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00.5Z");

    @Test
    void countsFromNowOrTakesATime() throws FlipsideException {
        assertEquals(
                List.of(
                        new Wave(Instant.parse("2026-11-20T12:30:00Z"), 1),
                        new Wave(Instant.parse("2026-11-22T06:00:00Z"), 99)),
                Waves.parse("1@+30m,99@2026-11-22T06:00:00Z", NOW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "5@",
                "@+1h",
                "0@+1h",
                "101@+1h",
                "5@1h",
                "5@+1y",
                "5@+99999h",
                "5@tomorrow",
                "5@+1h,",
                "5@+1h,5@+2h",
                "5@+2h,6@+1h",
                "50@+1h,20@+2h",
                "5@-999999999-01-01T00:00:00Z"
            })
    void refusesWhatIsNoRollout(String text) {
        assertRefused(FailureCode.ARGUMENT_INVALID, () -> Waves.parse(text, NOW));
    }
}
