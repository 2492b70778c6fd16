package dev.flipside.integration.machine;

import dev.flipside.integration.ToolTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** QEMU's arguments for a machine. */
final class QemuLine {
    private static final byte[] QCOW2 = {'Q', 'F', 'I', (byte) 0xfb};

    private final List<Object> words = new ArrayList<>();

    private QemuLine() {}

    /**
     * The whole line.
     *
     * @param variables the machine's own copy of its firmware's variables
     * @param sockets where QEMU connects to
     */
    static List<Object> of(MachineSettings settings, ToolTree tree, Path variables, Sockets sockets)
            throws IOException {
        QemuLine line = new QemuLine();
        // Neither default devices, nor disks that nobody has, nor a configuration of the host.
        line.add(
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-machine",
                "q35,sata=off,smm=" + (settings.firmware().smm() ? "on" : "off"));
        line.words.addAll(settings.acceleration().options());
        line.add("-smp", settings.processors(), "-m", MachineSettings.MEMORY_MIB);
        for (String folder : List.of("usr/share/qemu", "usr/share/seabios")) {
            line.add("-L", tree.path().resolve(folder));
        }
        line.flash(settings.firmware(), variables);
        line.disks(settings);
        line.devices();
        line.consoles(settings, sockets);
        line.credentials(GuestShell.credentials());
        line.credentials(settings.credentials());
        settings.suspended().ifPresent(file -> line.add("-incoming", "file:" + file));
        return List.copyOf(line.words);
    }

    /** Where QEMU finds the driver's ends of its character devices, and the TPM's. */
    record Sockets(Path folder) {
        Path serial() {
            return folder.resolve("serial");
        }

        Path shell() {
            return folder.resolve("shell");
        }

        Path qmp() {
            return folder.resolve("qmp");
        }

        Path tpm() {
            return folder.resolve("tpm");
        }
    }

    private void add(Object... more) {
        words.addAll(Arrays.asList(more));
    }

    private void flash(Firmware firmware, Path variables) {
        add("-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + quoted(firmware.code()));
        add("-drive", "if=pflash,unit=1,format=raw,file=" + quoted(variables));
        if (firmware.smm()) {
            add("-global", "driver=cfi.pflash01,property=secure,value=on");
        }
    }

    private void disks(MachineSettings settings) throws IOException {
        add(
                "-blockdev",
                "driver=file,node-name=disk-file,discard=unmap,filename="
                        + quoted(settings.disk()));
        String format = format(settings.disk());
        add("-blockdev", "driver=" + format + ",node-name=disk,file=disk-file,discard=unmap");
        add("-device", "virtio-blk-pci,drive=disk,bootindex=0,serial=disk");
    }

    private void devices() {
        add("-device", "virtio-rng-pci", "-device", "VGA");
        // What is plugged in while the machine runs needs a port.
        add("-device", "pcie-root-port,id=free-port,chassis=1");
        add("-netdev", "user,id=net,ipv6=off");
        // Without its option ROM firmware has nothing to boot from over the network.
        add("-device", "virtio-net-pci,netdev=net,romfile=");
        add("-device", "i6300esb", "-watchdog-action", "reset");
    }

    private void consoles(MachineSettings settings, Sockets sockets) {
        Path log = settings.folder().resolve("serial.log");
        add(
                "-chardev",
                "socket,id=serial,path="
                        + quoted(sockets.serial())
                        + ",logappend=on,logfile="
                        + quoted(log));
        add("-serial", "chardev:serial");
        add("-chardev", "socket,id=shell,path=" + quoted(sockets.shell()));
        add("-device", GuestShell.PORT + ",chardev=shell");
        add("-chardev", "socket,id=qmp,path=" + quoted(sockets.qmp()));
        add("-mon", "chardev=qmp,mode=control");
        if (settings.tpm()) {
            add("-chardev", "socket,id=tpm,path=" + quoted(sockets.tpm()));
            add("-tpmdev", "emulator,id=tpm,chardev=tpm", "-device", "tpm-crb,tpmdev=tpm");
        }
    }

    private void credentials(Map<String, String> credentials) {
        credentials.forEach(
                (name, text) ->
                        add(
                                "-smbios",
                                "type=11,value=io.systemd.credential.binary:"
                                        + name
                                        + "="
                                        + Base64.getEncoder()
                                                .encodeToString(
                                                        text.getBytes(StandardCharsets.UTF_8))));
    }

    static String format(Path disk) throws IOException {
        try (InputStream in = Files.newInputStream(disk)) {
            return Arrays.equals(in.readNBytes(QCOW2.length), QCOW2) ? "qcow2" : "raw";
        }
    }

    /** QEMU splits its options at commas; a doubled one is meant as it is. */
    private static String quoted(Path path) {
        return path.toAbsolutePath().toString().replace(",", ",,");
    }
}
