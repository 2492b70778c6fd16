package dev.flipside.builder.repo;

import dev.flipside.tuf.Role;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

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

    /** The same, but for some roles. */
    public Lifetimes with(Map<Role, Integer> days) {
        return new Lifetimes(
                days.getOrDefault(Role.ROOT, rootDays),
                days.getOrDefault(Role.TARGETS, targetsDays),
                days.getOrDefault(Role.SNAPSHOT, snapshotDays),
                days.getOrDefault(Role.TIMESTAMP, timestampDays));
    }

    int days(Role role) {
        return switch (role) {
            case ROOT -> rootDays;
            case TARGETS -> targetsDays;
            case SNAPSHOT -> snapshotDays;
            case TIMESTAMP -> timestampDays;
        };
    }

    Instant expiry(Role role, Instant now) {
        return now.truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(days(role)));
    }
}
