package dev.flipside.updater.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.updater.lifecycle.TimeWords;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PolicyTextTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({"0s,PT0S", "90s,PT1M30S", "1h30m,PT1H30M", "7d,PT168H", "1d1h1m1s,PT25H1M1S"})
    void readsDurations(String text, Duration duration) {
        assertEquals(Optional.of(duration), PolicyText.duration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "h", "1m1h", "-1h", "1.5h", "1h ", "PT1H", "1w", "999999999s"})
    void refusesWhatIsNoDuration(String text) {
        assertEquals(Optional.empty(), PolicyText.duration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1m30s", "1h30m", "7d", "1d1h1m1s"})
    void writesDurationsAsItReadsThem(String text) {
        assertEquals(text, TimeWords.of(PolicyText.duration(text).orElseThrow()));
    }

    @Test
    void aDateIsTheMomentAtWhichItBeginsInTheZone() {
        assertEquals(
                Optional.of(Instant.parse("2026-11-30T23:00:00Z")),
                PolicyText.moment("2026-12-01", BERLIN));
        // On this day clocks in São Paulo went from midnight to one.
        assertEquals(
                Optional.of(Instant.parse("2018-11-04T03:00:00Z")),
                PolicyText.moment("2018-11-04", ZoneId.of("America/Sao_Paulo")));
    }

    @Test
    void aTimeHasItsOffset() {
        Optional<Instant> six = Optional.of(Instant.parse("2026-12-01T06:00:00Z"));
        assertEquals(six, PolicyText.moment("2026-12-01T06:00:00Z", BERLIN));
        assertEquals(six, PolicyText.moment("2026-12-01T07:00+01:00", BERLIN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tomorrow", "2026-13-01", "2026-02-30", "2026-12-01T06:00", "7d"})
    void refusesWhatIsNoMoment(String text) {
        assertEquals(Optional.empty(), PolicyText.moment(text, BERLIN));
    }
}
