package dev.flipside.integration.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Runs commands in the guest, as root, over a serial port that only Linux knows.
 *
 * <p>OVMF takes its first two for keyboards: a command that comes while the guest restarts would be
 * typed into the menu of its boot loader, and choose what boots. It has no driver for a third.
 *
 * <p>The image brings nothing for that: a unit for this boot comes from QEMU as a systemd
 * credential ({@code systemd.extra-unit.*}, systemd 256 and later), so what is tested is what
 * ships. The unit is wanted by {@code sysinit.target} and ordered before nothing. A line to it is
 * {@code NUMBER SECONDS BASE64-OF-SCRIPT}, a line from it {@code NUMBER EXIT-CODE
 * BASE64-OF-OUTPUT}, and {@code shell BOOT-ID} when it starts.
 */
public final class GuestShell {
    /** COM3, with the interrupt of COM2, which is not there: COM1 does not share its own. */
    static final String PORT = "isa-serial,index=2,irq=3";

    private static final String UNIT = "flipside-test-shell.service";
    private static final String READY = "shell ";
    private static final String SERVICE =
            """
            [Unit]
            Description=Runs commands of the test that this machine is in
            DefaultDependencies=no
            ConditionPathExists=!/etc/initrd-release

            [Service]
            ExecStart=/bin/sh -c 'LOOP'
            StandardInput=tty-force
            StandardOutput=tty
            StandardError=journal
            TTYPath=/dev/ttyS2
            Restart=always
            RestartSec=1
            OOMScoreAdjust=-900
            """;
    private static final String LOOP =
            "stty raw -echo; "
                    + "read -r boot </proc/sys/kernel/random/boot_id; echo \"shell $$boot\"; "
                    + "while read -r number seconds script; do "
                    + "echo \"$$script\" | base64 -d >/run/flipside-test-script; "
                    + "timeout -k 5 \"$$seconds\" /bin/sh /run/flipside-test-script "
                    + "</dev/null >/run/flipside-test-output 2>&1; code=$$?; "
                    + "echo \"$$number $$code $$(head -c 4000000 /run/flipside-test-output | base64 -w 0)\"; "
                    + "done";
    private static final Pattern ANSWER = Pattern.compile("\\d+ \\d{1,3} [A-Za-z0-9+/]*+={0,2}");
    private static final Duration TRANSPORT = Duration.ofSeconds(60);

    private final LineStream stream;
    private final LineStream.Place boots;
    private String boot = "";
    private int number;

    /** How a command in the guest ended, and what it printed on both outputs. */
    public record Result(int exitCode, String output) {}

    GuestShell(LineStream stream) {
        this.stream = stream;
        this.boots = stream.start();
    }

    /** What a machine must be given so that its systemd starts the shell. */
    static SortedMap<String, String> credentials() {
        SortedMap<String, String> credentials = new TreeMap<>();
        credentials.put("systemd.extra-unit." + UNIT, SERVICE.replace("LOOP", LOOP));
        credentials.put("systemd.unit-dropin.sysinit.target", "[Unit]\nWants=" + UNIT + "\n");
        return credentials;
    }

    /**
     * Waits for the next boot to reach user space, and gives its boot id. Each boot counts once.
     *
     * @throws DeadlineMissed when it does not in time
     */
    public String awaitBoot(Duration timeout) throws IOException {
        // Within one boot the shell may start again, when its terminal is taken from it.
        String line =
                boots.await(
                        "a boot that reaches user space",
                        said -> said.startsWith(READY) && !said.equals(READY + boot),
                        timeout);
        boot = line.substring(READY.length());
        return boot;
    }

    /**
     * Runs a script with {@code /bin/sh} to its end.
     *
     * @param timeout after which it is ended in the guest, with exit code 124
     * @throws DeadlineMissed when the guest does not answer at all
     * @throws GuestRestarted when it boots instead
     */
    public Result run(String script, Duration timeout) throws IOException {
        number++;
        String mark = number + " ";
        String encoded =
                Base64.getEncoder().encodeToString(script.getBytes(StandardCharsets.UTF_8));
        LineStream.Place answers = stream.end();
        stream.write(number + " " + timeout.toSeconds() + " " + encoded);
        String line =
                answers.await(
                        "an answer to: " + script,
                        answer -> isAnswer(answer, mark) || answer.startsWith(READY),
                        timeout.plus(TRANSPORT));
        if (line.startsWith(READY)) {
            throw new GuestRestarted("the guest restarted while it ran: " + script);
        }
        String[] parts = line.split(" ", 3);
        byte[] output = Base64.getDecoder().decode(parts[2]);
        return new Result(Integer.parseInt(parts[1]), new String(output, StandardCharsets.UTF_8));
    }

    /** Others may write to the port, too, as an initrd that asks for help: such a line is none. */
    private static boolean isAnswer(String line, String mark) {
        return line.startsWith(mark)
                && ANSWER.matcher(line).matches()
                && (line.length() - line.lastIndexOf(' ') - 1) % 4 == 0;
    }

    /** Runs a script that has to succeed, and gives what it printed. */
    public String check(String script, Duration timeout) throws IOException {
        Result result = run(script, timeout);
        if (result.exitCode() != 0) {
            throw new IOException(
                    "in the guest: expected exit code 0 of '%s', found %d:%n%s"
                            .formatted(script, result.exitCode(), result.output()));
        }
        return result.output();
    }
}
