package dev.flipside.integration.machine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a machine is put together from.
 *
 * @param folder its own: sockets' log, firmware variables, screenshots and logs are kept there
 * @param disk its disk, raw or qcow2 by the file's first bytes; written to
 * @param firmware its variables are copied to {@code folder} when they are not there yet
 * @param sticks raw images of further disks, which are only read: {@code
 *     /dev/disk/by-id/virtio-stick0}, …
 * @param network a network card with DHCP, behind which 10.0.2.2 is the test's own loopback
 * @param tpm a software TPM 2.0, whose state is kept in {@code folder}
 * @param watchdog a hardware watchdog (i6300esb) that resets the machine
 * @param credentials systemd credentials, by name; see systemd.system-credentials(7)
 * @param suspended memory and devices that {@link Machine#suspendTo} has kept: the machine goes on
 *     from there when it is first switched on
 */
public record MachineSettings(
        Path folder,
        Path disk,
        Firmware firmware,
        List<Path> sticks,
        boolean network,
        boolean tpm,
        boolean watchdog,
        SortedMap<String, String> credentials,
        Acceleration acceleration,
        Optional<Path> suspended) {
    static final int MEMORY_MIB = 1024;
    static final int CPUS = 2;

    public MachineSettings {
        sticks = List.copyOf(sticks);
        credentials = new TreeMap<>(credentials);
    }

    public static MachineSettings of(Path folder, Path disk, Firmware firmware) {
        return new MachineSettings(
                folder,
                disk,
                firmware,
                List.of(),
                true,
                false,
                true,
                new TreeMap<>(),
                Acceleration.TCG,
                Optional.empty());
    }

    public MachineSettings withStick(Path image) {
        List<Path> more = new ArrayList<>(sticks);
        more.add(image);
        return new MachineSettings(
                folder,
                disk,
                firmware,
                more,
                network,
                tpm,
                watchdog,
                credentials,
                acceleration,
                suspended);
    }

    public MachineSettings withNetwork(boolean connected) {
        return new MachineSettings(
                folder,
                disk,
                firmware,
                sticks,
                connected,
                tpm,
                watchdog,
                credentials,
                acceleration,
                suspended);
    }

    public MachineSettings withTpm() {
        return new MachineSettings(
                folder,
                disk,
                firmware,
                sticks,
                network,
                true,
                watchdog,
                credentials,
                acceleration,
                suspended);
    }

    public MachineSettings withFirmware(Firmware other) {
        return new MachineSettings(
                folder,
                disk,
                other,
                sticks,
                network,
                tpm,
                watchdog,
                credentials,
                acceleration,
                suspended);
    }

    public MachineSettings withAcceleration(Acceleration other) {
        return new MachineSettings(
                folder,
                disk,
                firmware,
                sticks,
                network,
                tpm,
                watchdog,
                credentials,
                other,
                suspended);
    }

    public MachineSettings withSuspended(Path memory) {
        return new MachineSettings(
                folder,
                disk,
                firmware,
                sticks,
                network,
                tpm,
                watchdog,
                credentials,
                acceleration,
                Optional.of(memory));
    }

    /** What it is put together from when it is switched on again. */
    MachineSettings afterwards() {
        return new MachineSettings(
                folder,
                disk,
                firmware,
                sticks,
                network,
                tpm,
                watchdog,
                credentials,
                acceleration,
                Optional.empty());
    }

    /** A systemd credential: as a file that a unit or tmpfiles reads, or a unit of its own. */
    public MachineSettings withCredential(String name, String text) {
        SortedMap<String, String> more = new TreeMap<>(credentials);
        more.put(name, text);
        return new MachineSettings(
                folder,
                disk,
                firmware,
                sticks,
                network,
                tpm,
                watchdog,
                more,
                acceleration,
                suspended);
    }

    /** A file in the guest's /etc or /run, written by systemd-tmpfiles before services start. */
    public MachineSettings withFile(String path, String text) {
        String line =
                "f+~ %s 0644 root root - %s%n"
                        .formatted(
                                path,
                                Base64.getEncoder()
                                        .encodeToString(text.getBytes(StandardCharsets.UTF_8)));
        return withCredential(
                "tmpfiles.extra", credentials.getOrDefault("tmpfiles.extra", "") + line);
    }
}
