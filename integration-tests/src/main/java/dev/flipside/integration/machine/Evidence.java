package dev.flipside.integration.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;

/** What is kept of a machine on which something went wrong. */
final class Evidence {
    private static final Duration JOURNAL = Duration.ofSeconds(60);

    private final Machine machine;

    Evidence(Machine machine) {
        this.machine = machine;
    }

    /** A piece that is not to be had is replaced by why. */
    void collect() throws IOException {
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

    private void keep(String name, Piece piece) throws IOException {
        Files.writeString(machine.settings().folder().resolve(name), read(piece));
    }

    private static String read(Piece piece) {
        try {
            return piece.read();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
