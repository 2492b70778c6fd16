package dev.flipside.builder.disk;

import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.PartitionTypes;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.boot.gpt.SlotTypes;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Identifiers;
import dev.flipside.release.Identifiers.Purpose;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Where the partitions of a new disk are: ESP, data and hash of slot A, data and hash of slot B,
 * and {@code var} over what is left; all of them at multiples of 1 MiB.
 */
final class DiskPlan {
    /** Less than this, and {@code /var} is of no use to anyone. */
    static final long MIN_VAR_BYTES = 64L << 20;

    private final DiskRequest request;
    private final ReleaseManifest manifest;
    private final Identifiers identifiers;
    private final List<Partition> partitions = new ArrayList<>();
    private long nextBytes = DiskRequest.ALIGNMENT_BYTES;

    private DiskPlan(DiskRequest request, ReleaseManifest manifest) {
        this.request = request;
        this.manifest = manifest;
        this.identifiers =
                new Identifiers(manifest.product(), manifest.architecture(), manifest.version());
    }

    /**
     * Places the partitions.
     *
     * @throws FlipsideException {@code slot-too-small} or {@code disk-too-small}
     */
    static DiskLayout of(DiskRequest request, ReleaseManifest manifest) throws FlipsideException {
        return new DiskPlan(request, manifest).layout();
    }

    /** What the hash partition needs for a data partition of this size. */
    static long hashSizeBytes(long slotSizeBytes) {
        TreeGeometry tree = new TreeGeometry(slotSizeBytes / VerityParameters.BLOCK_SIZE_BYTES);
        return alignedUp(tree.fileSizeBytes());
    }

    private DiskLayout layout() throws FlipsideException {
        checkSlot();
        long hashSizeBytes = hashSizeBytes(request.slotSizeBytes());
        checkDisk(hashSizeBytes);
        SlotTypes types = SlotTypes.of(manifest.architecture(), manifest.verity().usage());
        SlotIdentity full =
                SlotIdentity.of(
                        manifest.verity().rootHashBytes(), manifest.product(), manifest.version());
        SlotIdentity empty =
                SlotIdentity.empty(
                        identifiers.uuid(Purpose.SLOT_B_DATA_GUID),
                        identifiers.uuid(Purpose.SLOT_B_HASH_GUID));
        add(
                PartitionTypes.ESP,
                identifiers.uuid(Purpose.ESP_GUID),
                "esp",
                request.espSizeBytes(),
                0);
        addSlot(types, full, hashSizeBytes);
        addSlot(types, empty, hashSizeBytes);
        Gpt gpt =
                Gpt.empty(
                        identifiers.uuid(Purpose.DISK_GUID),
                        request.sectorSizeBytes(),
                        request.sizeBytes() / request.sectorSizeBytes());
        long end = (gpt.lastUsableLba() + 1) * request.sectorSizeBytes();
        add(
                PartitionTypes.LINUX_DATA,
                identifiers.uuid(Purpose.VAR_GUID),
                DiskLayout.VAR_LABEL,
                alignedDown(end) - nextBytes,
                0);
        return DiskLayout.find(gpt.withPartitions(partitions));
    }

    private void addSlot(SlotTypes types, SlotIdentity identity, long hashSizeBytes) {
        long readOnly = Partition.READ_ONLY;
        add(types.data(), identity.data(), identity.label(), request.slotSizeBytes(), readOnly);
        add(types.hash(), identity.hash(), identity.label(), hashSizeBytes, readOnly);
    }

    private void add(UUID type, UUID uuid, String name, long sizeBytes, long attributes) {
        int sector = request.sectorSizeBytes();
        partitions.add(
                new Partition(
                        partitions.size() + 1,
                        type,
                        uuid,
                        name,
                        nextBytes / sector,
                        (nextBytes + sizeBytes) / sector - 1,
                        attributes));
        nextBytes += sizeBytes;
    }

    private void checkSlot() throws FlipsideException {
        if (request.slotSizeBytes() < manifest.neededSlotBytes()
                || hashSizeBytes(request.slotSizeBytes()) < manifest.neededTreeBytes()) {
            throw new FlipsideException(
                    FailureCode.SLOT_TOO_SMALL,
                    "slot of the new disk",
                    "at least %d bytes for %s %s"
                            .formatted(
                                    manifest.neededSlotBytes(),
                                    manifest.product(),
                                    manifest.version()),
                    "%d bytes".formatted(request.slotSizeBytes()),
                    "give a larger --slot-size, with room for releases to come");
        }
    }

    private void checkDisk(long hashSizeBytes) throws FlipsideException {
        long tables = 2 * DiskRequest.ALIGNMENT_BYTES;
        long slots = 2 * (request.slotSizeBytes() + hashSizeBytes);
        long needed = tables + request.espSizeBytes() + slots + MIN_VAR_BYTES;
        if (request.sizeBytes() < needed) {
            throw new FlipsideException(
                    FailureCode.DISK_TOO_SMALL,
                    "new disk",
                    "at least %d bytes for ESP, two slots and /var".formatted(needed),
                    "%d bytes".formatted(request.sizeBytes()),
                    "give a larger --size, or smaller partitions");
        }
    }

    private static long alignedUp(long bytes) {
        return Math.ceilDiv(bytes, DiskRequest.ALIGNMENT_BYTES) * DiskRequest.ALIGNMENT_BYTES;
    }

    private static long alignedDown(long bytes) {
        return bytes / DiskRequest.ALIGNMENT_BYTES * DiskRequest.ALIGNMENT_BYTES;
    }
}
