package dev.flipside.builder.disk;

import dev.flipside.boot.fat.FatParameters;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.builder.release.BuildProgress;
import dev.flipside.builder.secureboot.EnrolmentKeys;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.OutputFile;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.release.Identifiers;
import dev.flipside.release.Identifiers.Purpose;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Makes a bootable disk from a release: a file that appears when it is whole.
 *
 * <p>Invariant: the bytes depend on the release, the loader, the format and the sizes alone.
 */
public final class DiskBuild {
    private final DiskRequest request;
    private final ReleaseFolder release;
    private final ReleaseManifest manifest;
    private final DiskLayout layout;
    private final BuildProgress progress;

    private DiskBuild(DiskRequest request, ReleaseFolder release, BuildProgress progress)
            throws FlipsideException {
        this.request = request;
        this.release = release;
        this.manifest = release.manifest();
        this.layout = DiskPlan.of(request, manifest);
        this.progress = progress;
    }

    /** A disk that was made. */
    public record BuiltDisk(ReleaseManifest manifest, DiskLayout layout) {}

    /**
     * Makes {@code request.out()}; nothing is left there or beside it on a failure.
     *
     * @throws FlipsideException among others {@code slot-too-small}, {@code esp-too-small}, {@code
     *     disk-too-small}, {@code digest-mismatch} and {@code output-exists}
     */
    public static BuiltDisk run(DiskRequest request, BuildProgress progress)
            throws IOException, FlipsideException {
        checkOut(request.out());
        DiskBuild build = new DiskBuild(request, ReleaseFolder.open(request.release()), progress);
        build.write();
        return new BuiltDisk(build.manifest, build.layout);
    }

    private void write() throws IOException, FlipsideException {
        byte[] loader = LoaderFile.read(release, request.loader(), request.secureBoot().signer());
        Artifact uki = release.artifact(Artifact.Role.UKI);
        release.checkUki();
        try (OutputFile out = OutputFile.create(request.out())) {
            try (NewDisk disk = create(out)) {
                layout.gpt().create(disk);
                writeEsp(disk, new EspFiles(manifest, loader, uki, enrolment()), uki);
                Slot slot = layout.slot(SlotName.A);
                copy("image", release.artifact(Artifact.Role.IMAGE), disk, slot.data());
                copy("hash tree", release.artifact(Artifact.Role.TREE), disk, slot.hash());
                Optional<Partition> signature = layout.signature(SlotName.A);
                if (signature.isPresent()) {
                    Artifact artifact = release.artifact(Artifact.Role.SIGNATURE);
                    copy("signature", artifact, disk, signature.get());
                }
                disk.finish();
            }
            out.commit();
        }
    }

    private NewDisk create(OutputFile out) throws IOException {
        int sector = request.sectorSizeBytes();
        long size = layout.gpt().sectors() * sector;
        return switch (request.format()) {
            case RAW -> RawDisk.create(out, size, sector, Optional.empty());
            case QCOW2 -> new Qcow2Disk(out.channel(), size, sector);
            case VHD -> {
                ByteBuffer footer =
                        VhdFooter.fixed(size, manifest.created(), layout.gpt().diskGuid());
                yield RawDisk.create(out, size, sector, Optional.of(footer));
            }
        };
    }

    private SortedMap<String, byte[]> enrolment() throws FlipsideException {
        Optional<EnrolmentKeys> keys = request.secureBoot().enrolment();
        return keys.isEmpty()
                ? Collections.emptySortedMap()
                : keys.get()
                        .files(
                                identifiers().uuid(Purpose.SECURE_BOOT_OWNER_GUID),
                                manifest.created());
    }

    private Identifiers identifiers() {
        return new Identifiers(manifest.product(), manifest.architecture(), manifest.version());
    }

    private void writeEsp(BlockDevice disk, EspFiles files, Artifact uki)
            throws IOException, FlipsideException {
        FatParameters parameters =
                new FatParameters(
                        request.sizes().espBytes(),
                        request.sectorSizeBytes(),
                        layout.esp().firstLba(),
                        ByteBuffer.wrap(identifiers().bytes(Purpose.FAT_SERIAL, 4)).getInt(),
                        EspFiles.LABEL,
                        manifest.created());
        try (BuildProgress.Step step = progress.begin("ESP", files.contentBytes());
                FileChannel content = release.open(uki);
                BlockDevice partition = partition(disk, layout.esp())) {
            files.write(RandomAccess.of(content), parameters, partition, step::advance);
        }
    }

    private void copy(String name, Artifact artifact, BlockDevice disk, Partition target)
            throws IOException, FlipsideException {
        try (BuildProgress.Step step = progress.begin(name, artifact.sizeBytes());
                BlockDevice partition = partition(disk, target)) {
            CheckedCopy.toDevice(release, artifact, partition, step::advance);
        }
    }

    private PartitionDevice partition(BlockDevice disk, Partition partition) {
        int sector = request.sectorSizeBytes();
        return new PartitionDevice(
                disk, partition.offsetBytes(sector), partition.sizeBytes(sector));
    }

    private static void checkOut(Path out) throws FlipsideException {
        Path folder = out.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    "folder of '%s'".formatted(out),
                    "a folder",
                    "none",
                    "create the folder first");
        }
        if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
            throw new FlipsideException(
                    FailureCode.OUTPUT_EXISTS,
                    "'%s'".formatted(out),
                    "no such file yet",
                    "a file",
                    "remove it, or choose another name");
        }
    }
}
