package dev.flipside.builder.release;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/**
 * Whether hosts can update to a UKI: their ESP holds the one that runs and the one that is written,
 * the loader under its two names, and the entries.
 */
final class EspRoom {
    /** systemd-boot twice, entries, and what the file system keeps for itself. */
    private static final long OTHER_BYTES = 4L << 20;

    private EspRoom() {}

    /**
     * Refuses a UKI of which two do not fit.
     *
     * @throws FlipsideException {@code esp-too-small}
     */
    static void require(long ukiBytes, long espSizeBytes) throws FlipsideException {
        long needed = 2 * ukiBytes + OTHER_BYTES;
        if (needed > espSizeBytes) {
            throw new FlipsideException(
                    FailureCode.ESP_TOO_SMALL,
                    "UKI of %d bytes".formatted(ukiBytes),
                    "an ESP of at least %d bytes, for two of them".formatted(needed),
                    "one of %d bytes".formatted(espSizeBytes),
                    "make the initrds smaller, or give the real --esp-size of the hosts");
        }
    }
}
