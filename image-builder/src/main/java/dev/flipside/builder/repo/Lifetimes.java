package dev.flipside.builder.repo;

import dev.flipside.tuf.Role;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * How long metadata stays fresh after it was signed: short for the roles whose keys are online, as
 * this bounds how long a host can be kept from news.
 */
public record Lifetimes(int rootDays, int targetsDays, int snapshotDays, int timestampDays) {
    public static final int MAX_DAYS = 3650;
    public static final Lifetimes DEFAULT = new Lifetimes(365, 90, 30, 7);

    public Lifetimes {
        for (int days : new int[] {rootDays, targetsDays, snapshotDays, timestampDays}) {
            if (days < 1 || days > MAX_DAYS) {
                throw new IllegalArgumentException(days + " days");
            }
        }
    }

    Instant expiry(Role role, Instant now) {
        int days =
                switch (role) {
                    case ROOT -> rootDays;
                    case TARGETS -> targetsDays;
                    case SNAPSHOT -> snapshotDays;
                    case TIMESTAMP -> timestampDays;
                };
        return now.truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(days));
    }
}
