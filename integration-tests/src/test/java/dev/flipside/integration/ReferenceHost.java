package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.integration.machine.Machine;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A reference host in QEMU, as its operator sees it. */
final class ReferenceHost implements AutoCloseable {
    /** From power on to user space, on a machine that has other things to do as well. */
    static final Duration BOOT = Duration.ofMinutes(5);

    /** From one boot's user space to the next one's, when its trial fails at the deadline. */
    private static final Duration FAILED_TRIAL = Duration.ofMinutes(12);

    /** From user space to a commit. */
    static final Duration SETTLE = Duration.ofMinutes(8);

    /** Three tries, and the boot that they fall back to. */
    private static final int MAX_BOOTS = 4;

    private static final String RELEASE_FILE = "/usr/lib/reference-host/release";
    static final Duration COMMAND = Duration.ofMinutes(3);
    private static final Duration UPDATE = Duration.ofMinutes(20);

    /** Waits for the end of the boot without asking the updater, which would slow it down. */
    private static final String AFTER_BOOT =
            "while systemctl is-system-running | grep -qE 'initializing|starting'; do sleep 5; done; ";

    private final Machine machine;

    ReferenceHost(Machine machine) {
        this.machine = machine;
    }

    Machine machine() {
        return machine;
    }

    /** Switches it on, and waits for user space. */
    void powerOn() throws IOException {
        machine.powerOn();
        machine.shell().awaitBoot(BOOT);
    }

    /**
     * Switches it on, and waits until the boot is committed, as an update asks for; or goes on with
     * one that is.
     */
    void start() throws IOException {
        boolean resumed = machine.settings().suspended().isPresent();
        machine.powerOn();
        if (!resumed) {
            awaitBoot();
            awaitArmed();
        }
    }

    /** Waits for the next boot to reach user space. */
    void awaitBoot() throws IOException {
        machine.shell().awaitBoot(BOOT);
    }

    /** Shuts it down, and waits until it is off. */
    void powerOff() throws IOException {
        machine.shell().check("systemctl poweroff --no-block", COMMAND);
        machine.awaitOff(BOOT);
    }

    String flipctl(String arguments) throws IOException {
        return machine.shell().check("flipctl " + arguments, COMMAND);
    }

    /** Stages and activates a release. */
    void update(String version) throws IOException {
        machine.shell().check("flipctl update --now " + version, UPDATE);
    }

    /** Restarts as the operator does, and waits for user space. */
    void reboot() throws IOException {
        machine.shell().check("systemctl reboot --no-block", COMMAND);
        awaitBoot();
    }

    ObjectNode why() throws Exception {
        return parse(flipctl("why --json"));
    }

    ObjectNode status() throws Exception {
        return parse(flipctl("status --json"));
    }

    /** Waits until the updater is up, has settled the boot, and is in one of these states. */
    ObjectNode awaitState(String... states) throws Exception {
        String loop =
                AFTER_BOOT
                        + "until flipctl status --json >/run/status && grep -qE '\"state\":\\{\"name\":\"(%s)\"' /run/status; do sleep 2; done; cat /run/status"
                                .formatted(String.join("|", states));
        return parse(machine.shell().check(loop, SETTLE));
    }

    /** Runs a script that has to succeed, and gives what it prints. */
    String run(String script) throws IOException {
        return machine.shell().check(script, COMMAND);
    }

    /** Spoils a byte of slot B, as a medium does that loses its memory. */
    void spoilSlotB(long offset) throws IOException {
        run("printf '\\377' | dd of=/dev/vda4 bs=1 seek=%d conv=notrunc,fsync".formatted(offset));
    }

    /**
     * Restarts, and waits until a boot of that release reaches user space, whatever comes before.
     */
    void rebootInto(String version) throws IOException {
        machine.shell().check("systemctl reboot --no-block", COMMAND);
        awaitRelease(version);
    }

    /** Waits until a boot of that release reaches user space. */
    void awaitRelease(String version) throws IOException {
        for (int boots = 0; boots < MAX_BOOTS; boots++) {
            machine.shell().awaitBoot(FAILED_TRIAL);
            if (release().equals(version)) {
                return;
            }
        }
        throw new IOException(
                "expected release %s to boot, found %d boots of others"
                        .formatted(version, MAX_BOOTS));
    }

    /** How often a kernel has started since the machine was switched on. */
    long kernelStarts() {
        return machine.console().lines().stream()
                .filter(line -> line.contains("Linux version "))
                .count();
    }

    /** What runs, by a file of the image; nothing when the machine restarts meanwhile. */
    private String release() {
        try {
            return machine.shell().check("cat " + RELEASE_FILE, COMMAND).strip();
        } catch (IOException e) {
            // A release that breaks the boot may do so just now.
            return "";
        }
    }

    /** Waits until this boot is committed: the next one is counted, with all tries. */
    void awaitArmed() throws IOException {
        machine.shell()
                .check(
                        "until ls /boot/loader/entries | grep -q '+3-0.conf$'; do sleep 2; done",
                        SETTLE);
    }

    /** Waits until the updater says that it has committed, without asking it: answers cost time. */
    void awaitCommit() throws IOException {
        machine.shell()
                .check(
                        AFTER_BOOT
                                + "until journalctl --quiet --boot FLIPSIDE_EVENT=state"
                                + " FLIPSIDE_CODE=committed | grep -q .; do sleep 2; done",
                        SETTLE);
    }

    /** What Flipside's units have used of the CPU in this boot, and what the whole host has. */
    String cpuUse() throws IOException {
        return run("""
                        for unit in flipsided flipside-health; do
                            nanos=$(systemctl show -P CPUUsageNSec $unit.service)
                            echo "$unit $((nanos / 1000000)) ms"
                        done
                        awk 'NR == 1 { print "host", ($2 + $3 + $4 + $7 + $8) * 10, "ms" }' /proc/stat
                        systemd-analyze time | head -n 1
                        """)
                .strip()
                .replace("\n", "; ");
    }

    /**
     * Waits until the updater has committed that release, and has the other one in the other slot.
     * A host whose first poll is still to come asks its repository soon afterwards, and is idle
     * then.
     */
    void awaitCommitted(String booted, String other) throws Exception {
        ObjectNode status = awaitState("committed", "idle");
        assertEquals("committed", status.at("/standing").asText(), status::toPrettyString);
        expect(booted, other, status.at("/state/name").asText(), status);
    }

    /** Requires what runs, what the other slot holds, and the state. */
    void expect(String booted, String other, String state) throws Exception {
        expect(booted, other, state, status());
    }

    private static void expect(String booted, String other, String state, ObjectNode status) {
        assertEquals(
                List.of(booted, other, state),
                List.of(
                        status.at("/booted/version").asText(),
                        status.at("/inactive/version").asText(),
                        status.at("/state/name").asText()),
                status::toPrettyString);
    }

    List<ObjectNode> history() throws Exception {
        List<ObjectNode> entries = new ArrayList<>();
        for (String line : flipctl("history --json").lines().toList()) {
            entries.add(parse(line));
        }
        return entries;
    }

    @Override
    public void close() throws IOException {
        machine.close();
    }

    private static ObjectNode parse(String json) throws Exception {
        return StrictJson.parse(
                json.getBytes(StandardCharsets.UTF_8), "output", FailureCode.STATE_MALFORMED);
    }
}
