package dev.flipside.updater.health;

import java.util.List;

/**
 * What programs and machines have said, as evidence: one line of printable characters, not too
 * long. What is written down must stay bounded whatever a broken release says.
 */
public final class OneLine {
    static final int MAX_LENGTH = 500;
    private static final int MAX_LINES = 4;

    private OneLine() {}

    public static String of(String text) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length() && line.length() < MAX_LENGTH; i++) {
            char c = text.charAt(i);
            boolean plain = !Character.isISOControl(c) && !Character.isSurrogate(c);
            line.append(plain ? c : ' ');
        }
        return line.toString().strip();
    }

    /** The last lines of an output: where programs say what went wrong. */
    static String tail(String output) {
        List<String> lines =
                output.lines().map(OneLine::of).filter(line -> !line.isEmpty()).toList();
        return of(
                String.join(
                        " | ", lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size())));
    }
}
