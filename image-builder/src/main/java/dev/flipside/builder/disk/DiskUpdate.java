package dev.flipside.builder.disk;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntries;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.fat.FatVolume;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.builder.release.BuildProgress;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Puts a release into the spare slot of a disk that is not running, as the updater does on one that
 * is: what names the slot goes, then tree, image and superblock are written and read back, then the
 * UKI, then the slot's identity, and the boot entry last.
 *
 * <p>Invariant: each step is durable before the next begins, and until the last one the disk boots
 * what it booted before; so a cut leaves a disk on which the same update can be made again.
 */
public final class DiskUpdate {
    private static final int SUPERBLOCK_BYTES = 4096;
    private static final long ENTRIES_BYTES = 1 << 20;
    private static final BootCounter TRIES = new BootCounter(3, 0);

    private final ReleaseFolder release;
    private final ReleaseManifest manifest;
    private final BlockDevice disk;
    private final DiskLayout layout;
    private final DurableFolder esp;
    private final BuildProgress progress;

    private DiskUpdate(
            ReleaseFolder release, BlockDevice disk, DiskLayout layout, BuildProgress progress)
            throws IOException, FlipsideException {
        this.release = release;
        this.manifest = release.manifest();
        this.disk = disk;
        this.layout = layout;
        this.esp = FatVolume.open(device(layout.esp()), manifest.created());
        this.progress = progress;
    }

    /** A disk with a release in its other slot, which the next boot tries. */
    public record UpdatedDisk(
            ReleaseManifest manifest, DiskLayout layout, SlotName slot, String entry) {}

    /**
     * Updates the disk in a file.
     *
     * @throws FlipsideException among others {@code update-held} when the other slot is needed,
     *     {@code release-exists} when the disk boots the release already, {@code slot-unknown},
     *     {@code slot-too-small}, {@code esp-too-small}, {@code digest-mismatch}
     */
    public static UpdatedDisk run(Path release, Path disk, BuildProgress progress)
            throws IOException, FlipsideException {
        ReleaseFolder folder = ReleaseFolder.open(release);
        folder.checkUki();
        CheckedCopy.check(folder, folder.artifact(Artifact.Role.IMAGE));
        CheckedCopy.check(folder, folder.artifact(Artifact.Role.TREE));
        try (ExistingDisk existing = ExistingDisk.open(disk)) {
            return run(folder, existing.disk(), progress);
        }
    }

    static UpdatedDisk run(ReleaseFolder release, BlockDevice disk, BuildProgress progress)
            throws IOException, FlipsideException {
        GptOnDisk table = Gpt.read(disk);
        DiskUpdate update = new DiskUpdate(release, disk, DiskLayout.find(table.gpt()), progress);
        update.checkKind();
        try {
            table.mendPrimary(disk);
            return update.run();
        } catch (IOException e) {
            // The folder that stands for the ESP can say in no other way that it is malformed.
            if (e.getCause() instanceof FlipsideException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private UpdatedDisk run() throws IOException, FlipsideException {
        DiskBoot boot = DiskBoot.read(layout, esp);
        SlotName name = boot.spareSlot();
        Slot slot = layout.slot(name);
        checkNew(layout.slot(name.other()));
        checkRoom(slot, boot.roomBytes(name));
        boot.empty(name);
        writeSlot(slot);
        readBack(Artifact.Role.TREE, slot.hash());
        readBack(Artifact.Role.IMAGE, slot.data());
        writeUki();
        Gpt identified = identified(name);
        identified.write(disk);
        BootEntry entry = createEntry();
        return new UpdatedDisk(manifest, DiskLayout.find(identified), name, entry.fileName());
    }

    private void writeSlot(Slot slot) throws IOException, FlipsideException {
        Artifact tree = release.artifact(Artifact.Role.TREE);
        BlockDevice hash = device(slot.hash());
        BlockDevice data = device(slot.data());
        hash.write(ByteBuffer.allocate(SUPERBLOCK_BYTES), 0);
        hash.flush();
        try (BuildProgress.Step step = progress.begin("hash tree", tree.sizeBytes())) {
            CheckedCopy.toDeviceWithoutStart(release, tree, SUPERBLOCK_BYTES, hash, step::advance);
        }
        Artifact image = release.artifact(Artifact.Role.IMAGE);
        try (BuildProgress.Step step = progress.begin("image", image.sizeBytes())) {
            CheckedCopy.toDevice(release, image, data, step::advance);
        }
        writeSignature(slot.name());
        disk.flush();
        ByteBuffer superblock = ByteBuffer.allocate(SUPERBLOCK_BYTES);
        try (FileChannel in = release.open(tree)) {
            RandomAccess.of(in).read(superblock, 0);
        }
        hash.write(superblock.flip(), 0);
        hash.flush();
    }

    /** Where the disk has room for a signature: this release's, or none. */
    private void writeSignature(SlotName name) throws IOException, FlipsideException {
        Optional<Partition> partition = layout.signature(name);
        Optional<Artifact> signature = manifest.artifact(Artifact.Role.SIGNATURE);
        if (partition.isPresent()) {
            BlockDevice device = device(partition.get());
            device.write(ByteBuffer.allocate(SUPERBLOCK_BYTES), 0);
            if (signature.isPresent()) {
                CheckedCopy.toDevice(release, signature.get(), device, written -> {});
            }
        }
    }

    private void readBack(Artifact.Role role, Partition partition)
            throws IOException, FlipsideException {
        Artifact artifact = release.artifact(role);
        String found = CheckedCopy.digest(device(partition), artifact.sizeBytes());
        if (!found.equals(artifact.sha256())) {
            throw new FlipsideException(
                    FailureCode.SLOT_READBACK_FAILED,
                    "partition %d of the disk".formatted(partition.number()),
                    "SHA-256 " + artifact.sha256(),
                    found,
                    "check the medium under the disk, and update it again");
        }
    }

    private void writeUki() throws IOException, FlipsideException {
        Artifact uki = release.artifact(Artifact.Role.UKI);
        String path = EspLayout.imagePath(uki.sha256());
        try (BuildProgress.Step step = progress.begin("UKI", uki.sizeBytes())) {
            esp.replace(
                    path,
                    out -> {
                        try {
                            CheckedCopy.toChannel(release, uki, out);
                        } catch (FlipsideException e) {
                            throw new IOException(e.getMessage(), e);
                        }
                    });
            step.advance(uki.sizeBytes());
        }
        try (SeekableByteChannel in = esp.open(path)) {
            String found = CheckedCopy.digest(in);
            if (!found.equals(uki.sha256())) {
                throw ReleaseFolder.mismatch(Path.of(path), "SHA-256 " + uki.sha256(), found);
            }
        }
    }

    private Gpt identified(SlotName name) {
        SlotIdentity identity =
                SlotIdentity.of(
                        manifest.verity().rootHashBytes(), manifest.product(), manifest.version());
        return layout.gpt().replacing(layout.identified(name, identity));
    }

    private BootEntry createEntry() throws IOException, FlipsideException {
        BootEntries entries = new BootEntries(esp);
        BootEntry entry =
                BootEntry.flipside(
                        entries.nextSequence(),
                        Optional.of(TRIES),
                        manifest.product() + " " + manifest.version(),
                        EspLayout.imagePath(release.artifact(Artifact.Role.UKI).sha256()));
        entries.add(entry);
        return entry;
    }

    private void checkKind() throws FlipsideException {
        if (layout.architecture() != manifest.architecture()
                || layout.usage() != manifest.verity().usage()) {
            throw new FlipsideException(
                    FailureCode.SLOT_UNKNOWN,
                    "slots of the disk",
                    "for %s, %s"
                            .formatted(
                                    manifest.architecture().code(),
                                    manifest.verity().usage().code()),
                    "for %s, %s".formatted(layout.architecture().code(), layout.usage().code()),
                    "give a release of the disk's own kind");
        }
    }

    /** Both slots would claim one partition UUID. */
    private void checkNew(Slot booted) throws FlipsideException {
        SlotIdentity identity =
                SlotIdentity.of(
                        manifest.verity().rootHashBytes(), manifest.product(), manifest.version());
        if (booted.data().uuid().equals(identity.data())) {
            throw new FlipsideException(
                    FailureCode.RELEASE_EXISTS,
                    "update of the disk",
                    "a release that the disk does not boot",
                    booted.data().name(),
                    "give another release");
        }
    }

    private void checkRoom(Slot slot, long espBytes) throws FlipsideException {
        check(
                FailureCode.SLOT_TOO_SMALL,
                "slot %s of the disk".formatted(slot.name()),
                manifest.neededSlotBytes(),
                slot.data().sizeBytes(disk.sectorSizeBytes()));
        check(
                FailureCode.SLOT_TOO_SMALL,
                "hash partition of slot %s of the disk".formatted(slot.name()),
                manifest.neededTreeBytes(),
                slot.hash().sizeBytes(disk.sectorSizeBytes()));
        check(
                FailureCode.ESP_TOO_SMALL,
                "ESP of the disk",
                release.artifact(Artifact.Role.UKI).sizeBytes() + ENTRIES_BYTES,
                espBytes);
        Optional<Artifact> signature = manifest.artifact(Artifact.Role.SIGNATURE);
        Optional<Partition> partition = layout.signature(slot.name());
        if (signature.isPresent() && partition.isPresent()) {
            check(
                    FailureCode.SLOT_TOO_SMALL,
                    "signature partition of slot %s of the disk".formatted(slot.name()),
                    signature.get().sizeBytes(),
                    partition.get().sizeBytes(disk.sectorSizeBytes()));
        }
    }

    private static void check(FailureCode code, String what, long neededBytes, long foundBytes)
            throws FlipsideException {
        if (foundBytes < neededBytes) {
            throw new FlipsideException(
                    code,
                    what,
                    "room for %d bytes".formatted(neededBytes),
                    "room for %d bytes".formatted(foundBytes),
                    "make a new, larger disk with 'flipside-image disk --out'");
        }
    }

    private PartitionDevice device(Partition partition) {
        int sector = disk.sectorSizeBytes();
        return new PartitionDevice(
                disk, partition.offsetBytes(sector), partition.sizeBytes(sector));
    }
}
