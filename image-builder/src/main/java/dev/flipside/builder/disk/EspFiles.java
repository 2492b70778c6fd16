package dev.flipside.builder.disk;

import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.entries.LoaderConf;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.fat.FatParameters;
import dev.flipside.boot.fat.FatWriter;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.LongConsumer;

/** What the ESP of a new disk holds: loader, its configuration, one UKI and one entry. */
final class EspFiles {
    /** Of the file system. */
    static final String LABEL = "ESP";

    private static final long FIRST_SEQUENCE = 1;
    private static final long ENTRIES_BYTES = 1 << 20;

    private final ReleaseManifest manifest;
    private final byte[] loader;
    private final Artifact uki;
    private final SortedMap<String, byte[]> enrolment;

    EspFiles(
            ReleaseManifest manifest,
            byte[] loader,
            Artifact uki,
            SortedMap<String, byte[]> enrolment) {
        this.manifest = manifest;
        this.loader = loader;
        this.uki = uki;
        this.enrolment = enrolment;
    }

    /**
     * Writes the file system.
     *
     * @throws FlipsideException {@code esp-too-small} when not even two UKIs of this size would
     *     fit, as an update needs
     */
    void write(
            RandomAccess ukiContent,
            FatParameters parameters,
            BlockDevice partition,
            LongConsumer written)
            throws IOException, FlipsideException {
        FatWriter writer = new FatWriter(parameters);
        checkRoom(writer.capacityBytes());
        for (String path : EspLayout.loaderPaths(manifest.architecture())) {
            writer.file(path, RandomAccess.of(loader));
        }
        for (Map.Entry<String, byte[]> file : enrolment.entrySet()) {
            writer.file(file.getKey(), RandomAccess.of(file.getValue()));
        }
        // No counter: a new disk has nothing to fall back to, so its first boot is not a trial.
        BootEntry entry =
                BootEntry.flipside(
                        FIRST_SEQUENCE,
                        Optional.empty(),
                        manifest.product() + " " + manifest.version(),
                        EspLayout.imagePath(uki.sha256()));
        writer.file(EspLayout.LOADER_CONF, RandomAccess.of(LoaderConf.content()))
                .file(EspLayout.ENTRIES + "/" + entry.fileName(), RandomAccess.of(entry.content()))
                .file(EspLayout.imagePath(uki.sha256()), ukiContent)
                .write(partition, written);
    }

    long contentBytes() {
        return uki.sizeBytes() + 2L * loader.length;
    }

    private void checkRoom(long capacityBytes) throws FlipsideException {
        long needed = 2 * uki.sizeBytes() + 2L * loader.length + ENTRIES_BYTES;
        if (capacityBytes < needed) {
            throw new FlipsideException(
                    FailureCode.ESP_TOO_SMALL,
                    "ESP of the new disk",
                    "room for %d bytes: the loader and two UKIs".formatted(needed),
                    "room for %d bytes".formatted(capacityBytes),
                    "give a larger --esp-size");
        }
    }
}
