package dev.flipside.builder.cli;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/**
 * The time that a command takes for the present one: {@code SOURCE_DATE_EPOCH}, in seconds since
 * 1970 (reproducible-builds.org/specs/source-date-epoch), else the machine's.
 *
 * @param environment where that variable is looked up
 */
record BuildClock(Map<String, String> environment) {
    private static final String EPOCH = "SOURCE_DATE_EPOCH";
    private static final long MAX_EPOCH_SECONDS =
            Instant.parse("9000-01-01T00:00:00Z").getEpochSecond();

    BuildClock {
        environment = Map.copyOf(environment);
    }

    /**
     * The clock.
     *
     * @throws FlipsideException {@code argument-invalid} for a variable that is no time
     */
    InstantSource source() throws FlipsideException {
        String text = environment.get(EPOCH);
        if (text == null) {
            return InstantSource.system();
        }
        if (!text.matches("[0-9]{1,12}") || Long.parseLong(text) > MAX_EPOCH_SECONDS) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    EPOCH,
                    "seconds since 1970",
                    "'" + text + "'",
                    "give another value");
        }
        return InstantSource.fixed(Instant.ofEpochSecond(Long.parseLong(text)));
    }
}
