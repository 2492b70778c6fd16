package dev.flipside.integration.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What is kept of a machine on which something went wrong. */
final class Evidence {
    private static final Duration JOURNAL = Duration.ofSeconds(60);

    private final Machine machine;

    Evidence(Machine machine) {
        this.machine = machine;
    }

    /**
     * The failure that is looked into matters more than a piece of evidence that is not to be had.
     */
    void collect() {
        keep("screen.txt", () -> machine.screenshot("screen").toString());
        keep(
                "journal.txt",
                () ->
                        machine.shell()
                                .run("journalctl --no-pager -o short-monotonic --merge", JOURNAL)
                                .output());
        keep(
                "flipside.txt",
                () ->
                        machine.shell()
                                .run(
                                        "flipctl status; flipctl history; flipctl why; systemctl --failed; ls -R /efi /boot; tail -n +1 /var/lib/flipside/*.json*",
                                        JOURNAL)
                                .output());
    }

    private interface Piece {
        String read() throws IOException;
    }

    private void keep(String name, Piece piece) {
        Path file = machine.settings().folder().resolve(name);
        try {
            Files.writeString(file, read(piece));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Piece piece) {
        try {
            return piece.read();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
