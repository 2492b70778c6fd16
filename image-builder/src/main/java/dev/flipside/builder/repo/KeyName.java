package dev.flipside.builder.repo;

import dev.flipside.builder.keys.KeyFiles;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the files of a key are called: {@code targets-1}, or {@code targets.GROUP-1}. */
record KeyName(Seat seat, int number) implements Comparable<KeyName> {
    private static final Pattern FILE =
            Pattern.compile(
                    "(root|targets|snapshot|timestamp)(?:\\.("
                            + Seat.GROUP
                            + "))?-([1-9][0-9]{0,3})\\.(?:key\\.pem|key\\.ref|pub\\.pem)");
    private static final Comparator<KeyName> ORDER =
            Comparator.comparing(KeyName::seat).thenComparingInt(KeyName::number);

    /** The key that a file belongs to; empty for any other file. */
    static Optional<KeyName> ofFile(String fileName) {
        Matcher matcher = FILE.matcher(fileName);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Seat seat = new Seat(Seat.roleOf(matcher.group(1)), Optional.ofNullable(matcher.group(2)));
        return Optional.of(new KeyName(seat, Integer.parseInt(matcher.group(3))));
    }

    KeyFiles files(Path folder) {
        return new KeyFiles(folder.resolve(toString()));
    }

    @Override
    public int compareTo(KeyName other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return seat + "-" + number;
    }
}
