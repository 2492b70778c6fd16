package dev.flipside.integration.machine;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** What firmware, loader, kernel and systemd print on the first serial port. */
public final class SerialConsole {
    /** Colours and cursor movements, which firmware and systemd mix into their lines. */
    private static final Pattern ESCAPES =
            Pattern.compile("\u001b(\\[[0-9;?=]*[A-Za-z]|\\][^\u0007]*\u0007|[()][A-Z0-9]|M)");

    private final LineStream stream;
    private final LineStream.Place place;

    SerialConsole(LineStream stream) {
        this.stream = stream;
        this.place = stream.start();
    }

    /**
     * Waits for the next line with that text in it, and gives the line.
     *
     * @throws DeadlineMissed when it does not come in time, or the machine is off
     */
    public String await(String text, Duration timeout) throws IOException {
        return plain(
                place.await(
                        "a line with '" + text + "'", line -> plain(line).contains(text), timeout));
    }

    /**
     * Waits for a line with that text in it, wherever others have read to, and gives its index.
     *
     * @param from the index of the first line that counts
     * @throws DeadlineMissed when it does not come in time, or the machine is off
     */
    public int await(int from, String text, Duration timeout) throws IOException {
        LineStream.Place own = stream.at(from);
        own.await("a line with '" + text + "'", line -> plain(line).contains(text), timeout);
        return own.found();
    }

    /** All lines since the machine was switched on. */
    public List<String> lines() {
        return stream.lines().stream().map(SerialConsole::plain).toList();
    }

    private static String plain(String line) {
        return ESCAPES.matcher(line).replaceAll("");
    }
}
