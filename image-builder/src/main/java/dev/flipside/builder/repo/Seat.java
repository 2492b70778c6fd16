package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Role;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom some keys sign for: a role, as every TUF client knows it, or a group of keys that the role
 * demands beside its own. Written {@code targets}, or {@code targets.GROUP}.
 */
public record Seat(Role role, Optional<String> group) implements Comparable<Seat> {
    static final String GROUP = "[a-z0-9][a-z0-9-]{0,31}";

    private static final Pattern FORM =
            Pattern.compile("(root|targets|snapshot|timestamp)(?:\\.(" + GROUP + "))?");
    private static final Comparator<Seat> ORDER =
            Comparator.comparing(Seat::role).thenComparing(Seat::groupName);

    /** The role itself. */
    public static Seat of(Role role) {
        return new Seat(role, Optional.empty());
    }

    /** Reads one from an option. */
    public static Seat parse(String option, String text) throws FlipsideException {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    option,
                    "a role (root, targets, snapshot, timestamp), or ROLE.GROUP",
                    "'" + text + "'",
                    "give another value");
        }
        return new Seat(roleOf(matcher.group(1)), Optional.ofNullable(matcher.group(2)));
    }

    static Role roleOf(String code) {
        for (Role role : Role.values()) {
            if (role.code().equals(code)) {
                return role;
            }
        }
        throw new IllegalArgumentException(code);
    }

    private String groupName() {
        return group.orElse("");
    }

    @Override
    public int compareTo(Seat other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return role.code() + group.map(name -> "." + name).orElse("");
    }
}
