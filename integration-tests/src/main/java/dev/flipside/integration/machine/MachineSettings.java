package dev.flipside.integration.machine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a machine is put together from. It has a network card with DHCP, behind which 10.0.2.2 is
 * the test's own loopback, and a hardware watchdog (i6300esb) that resets it.
 *
 * @param folder its own: logs, firmware variables and screenshots are kept there
 * @param disk its disk, raw or qcow2 by the file's first bytes; written to
 * @param firmware its variables are copied to {@code folder} when they are not there yet
 * @param tpm a software TPM 2.0, whose state is kept in {@code folder}
 * @param credentials systemd credentials, by name; see systemd.system-credentials(7)
 * @param processors 2 but where it is said otherwise: a boot uses little more than one
 * @param suspended memory and devices that {@link Machine#suspendTo} has kept: the machine goes on
 *     from there when it is first switched on
 */
public record MachineSettings(
        Path folder,
        Path disk,
        Firmware firmware,
        boolean tpm,
        SortedMap<String, String> credentials,
        Acceleration acceleration,
        int processors,
        Optional<Path> suspended) {
    static final int MEMORY_MIB = 1024;
    private static final int PROCESSORS = 2;
    private static final String FILES = "tmpfiles.extra";

    public MachineSettings {
        credentials = new TreeMap<>(credentials);
    }

    public static MachineSettings of(Path folder, Path disk, Firmware firmware) {
        return new MachineSettings(
                folder,
                disk,
                firmware,
                false,
                new TreeMap<>(),
                Acceleration.TCG,
                PROCESSORS,
                Optional.empty());
    }

    public MachineSettings withTpm() {
        return new MachineSettings(
                folder, disk, firmware, true, credentials, acceleration, processors, suspended);
    }

    public MachineSettings withAcceleration(Acceleration other) {
        return new MachineSettings(
                folder, disk, firmware, tpm, credentials, other, processors, suspended);
    }

    public MachineSettings withProcessors(int count) {
        return new MachineSettings(
                folder, disk, firmware, tpm, credentials, acceleration, count, suspended);
    }

    public MachineSettings withSuspended(Path memory) {
        return suspendedAs(Optional.of(memory));
    }

    /** What it is put together from when it is switched on again. */
    MachineSettings afterwards() {
        return suspendedAs(Optional.empty());
    }

    private MachineSettings suspendedAs(Optional<Path> memory) {
        return new MachineSettings(
                folder, disk, firmware, tpm, credentials, acceleration, processors, memory);
    }

    /** A file in the guest's /etc or /run, written by systemd-tmpfiles before services start. */
    public MachineSettings withFile(String path, String text) {
        String line =
                "f+~ %s 0644 root root - %s%n"
                        .formatted(
                                path,
                                Base64.getEncoder()
                                        .encodeToString(text.getBytes(StandardCharsets.UTF_8)));
        SortedMap<String, String> more = new TreeMap<>(credentials);
        more.merge(FILES, line, String::concat);
        return new MachineSettings(
                folder, disk, firmware, tpm, more, acceleration, processors, suspended);
    }
}
