package dev.flipside.integration;

import dev.flipside.boot.fat.FatReader;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DiskFolder;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.OutputFolder;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.updater.host.HostDisk;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Makes a file-backed host from a disk image: a copy of the disk, the files of its ESP in a folder,
 * an empty {@code /var}, and the configuration for {@code flipctl}.
 */
final class HostInstallation {
    private static final Duration COPY_TIMEOUT = Duration.ofMinutes(10);

    private HostInstallation() {}

    /**
     * Installs; nothing is left in {@code folder} on a failure.
     *
     * @param folder must not exist, or be empty
     */
    static void run(Path disk, Path folder, URI url, String channel)
            throws IOException, FlipsideException {
        requireDisk(disk);
        Path target = new HostFolder(folder).folder();
        try (OutputFolder out = OutputFolder.create(target)) {
            HostFolder made = new HostFolder(out.path());
            copyDisk(disk, made.disk());
            DiskLayout layout = layout(made);
            DiskFolder.create(made.state());
            String text = configuration(new HostFolder(target), layout, url, channel);
            DiskFolder.open(made.folder())
                    .replace(
                            "flipside.toml",
                            DurableFolder.Content.of(text.getBytes(StandardCharsets.UTF_8)));
            out.commit();
        } catch (FileAlreadyExistsException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.OUTPUT_EXISTS,
                            "host '%s'".formatted(folder),
                            "a folder that does not exist, or is empty",
                            "something there",
                            "remove it, or choose another --dir"),
                    e);
        }
    }

    private static void requireDisk(Path disk) throws FlipsideException {
        if (!Files.isRegularFile(disk)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "disk '%s'".formatted(disk),
                    "a raw disk image",
                    Files.exists(disk) ? "something else" : "nothing",
                    "make one with 'flipside-image disk'");
        }
    }

    /** cp finds the holes of a sparse file without reading them, which Java cannot. */
    private static void copyDisk(Path disk, Path copy) throws IOException, FlipsideException {
        ExternalPrograms.Outcome outcome;
        try {
            outcome =
                    ExternalPrograms.ofThisMachine()
                            .run(
                                    ExternalPrograms.Invocation.of(
                                            COPY_TIMEOUT,
                                            List.of(
                                                    "cp",
                                                    "--sparse=always",
                                                    "--reflink=auto",
                                                    "--",
                                                    disk.toString(),
                                                    copy.toString())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the disk was copied", e);
        }
        if (!outcome.succeeded()) {
            throw new FlipsideException(
                    FailureCode.PROGRAM_FAILED,
                    "cp of '%s'".formatted(disk),
                    "exit code 0",
                    outcome.errors().strip(),
                    "make room for a copy of the disk");
        }
    }

    private static DiskLayout layout(HostFolder host) throws IOException, FlipsideException {
        try (BlockDevice device = new HostDisk(host.disk()).openForReading()) {
            DiskLayout layout = DiskLayout.find(Gpt.read(device).gpt());
            Partition esp = layout.esp();
            int sectorSizeBytes = layout.gpt().sectorSizeBytes();
            FatReader.open(
                            new PartitionDevice(
                                    device,
                                    esp.offsetBytes(sectorSizeBytes),
                                    esp.sizeBytes(sectorSizeBytes)))
                    .copyTo(DiskFolder.create(host.esp()));
            return layout;
        }
    }

    /** The label of the installed slot is all that names the product before the first boot. */
    private static String configuration(
            HostFolder host, DiskLayout layout, URI url, String channel) {
        String label = layout.slotA().data().name();
        String product = label.substring(0, Math.max(label.indexOf('_'), 0));
        return """
        # A file-backed host: files and folders stand for disk, ESP, /var and the kernel's folders.
        [source]
        url = "%s"

        [policy]
        channel = "%s"

        [host]
        product = "%s"
        architecture = "%s"
        disk = "%s"
        esp = "%s"
        state = "%s"
        system-root = "%s"
        root-json = "%s"
        """
                .formatted(
                        escaped(url.toString()),
                        escaped(channel),
                        escaped(product),
                        layout.architecture().code(),
                        escaped(host.disk().toString()),
                        escaped(host.esp().toString()),
                        escaped(host.state().toString()),
                        escaped(host.system().path().toString()),
                        escaped(host.system().path() + SystemFolder.ROOT_JSON));
    }

    /** For a basic string of TOML 1.0. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
