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
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Where the partitions of a new disk are: ESP, data, hash and (where the release has one) signature
 * of slot A, the same of slot B, and {@code var}; all of them at multiples of 1 MiB.
 */
final class DiskPlan {
    /** Less than this, and {@code /var} is of no use to anyone. */
    static final long MIN_VAR_BYTES = 64L << 20;

    private final DiskSizes sizes;
    private final int sectorSizeBytes;
    private final ReleaseManifest manifest;
    private final Identifiers identifiers;
    private final long hashBytes;
    private final long signatureBytes;
    private final long diskBytes;
    private final List<Partition> partitions = new ArrayList<>();
    private long nextBytes = DiskSizes.ALIGNMENT_BYTES;

    private DiskPlan(DiskSizes sizes, int sectorSizeBytes, ReleaseManifest manifest) {
        this.sizes = sizes;
        this.sectorSizeBytes = sectorSizeBytes;
        this.manifest = manifest;
        this.identifiers =
                new Identifiers(manifest.product(), manifest.architecture(), manifest.version());
        this.hashBytes = sizes.hashBytes().orElseGet(() -> hashSizeBytes(sizes.slotBytes()));
        this.signatureBytes =
                alignedUp(
                        manifest.artifact(Artifact.Role.SIGNATURE)
                                .map(Artifact::sizeBytes)
                                .orElse(0L));
        this.diskBytes =
                sizes.diskBytes()
                        .orElseGet(
                                () ->
                                        sizes.varBytes().isPresent()
                                                ? neededBytes()
                                                : DiskSizes.DEFAULT_DISK_BYTES);
    }

    /**
     * Places the partitions.
     *
     * @throws FlipsideException {@code slot-too-small}, {@code disk-too-small} or {@code
     *     argument-invalid}
     */
    static DiskLayout of(DiskRequest request, ReleaseManifest manifest) throws FlipsideException {
        DiskPlan plan = new DiskPlan(request.sizes(), request.sectorSizeBytes(), manifest);
        request.format().check(plan.diskBytes, request.sectorSizeBytes());
        return plan.layout();
    }

    /** What the hash partition needs for a data partition of this size. */
    static long hashSizeBytes(long slotSizeBytes) {
        TreeGeometry tree = new TreeGeometry(slotSizeBytes / VerityParameters.BLOCK_SIZE_BYTES);
        return alignedUp(tree.fileSizeBytes());
    }

    private DiskLayout layout() throws FlipsideException {
        checkSlot("--slot-size", manifest.neededSlotBytes(), sizes.slotBytes());
        checkSlot("--hash-size", manifest.neededTreeBytes(), hashBytes);
        checkDisk();
        SlotIdentity full =
                SlotIdentity.of(
                        manifest.verity().rootHashBytes(), manifest.product(), manifest.version());
        SlotIdentity empty =
                SlotIdentity.empty(
                        identifiers.uuid(Purpose.SLOT_B_DATA_GUID),
                        identifiers.uuid(Purpose.SLOT_B_HASH_GUID));
        add(PartitionTypes.ESP, Purpose.ESP_GUID, "esp", sizes.espBytes(), 0);
        addSlot(full, Purpose.SLOT_A_SIGNATURE_GUID);
        addSlot(empty, Purpose.SLOT_B_SIGNATURE_GUID);
        Gpt gpt =
                Gpt.empty(
                        identifiers.uuid(Purpose.DISK_GUID),
                        sectorSizeBytes,
                        diskBytes / sectorSizeBytes);
        long end = alignedDown((gpt.lastUsableLba() + 1) * sectorSizeBytes);
        add(
                PartitionTypes.LINUX_DATA,
                Purpose.VAR_GUID,
                DiskLayout.VAR_LABEL,
                sizes.varBytes().orElse(end - nextBytes),
                Partition.NO_AUTO);
        return DiskLayout.find(gpt.withPartitions(partitions));
    }

    private void addSlot(SlotIdentity identity, Purpose signature) {
        SlotTypes types = SlotTypes.of(manifest.architecture(), manifest.verity().usage());
        String label = identity.label();
        add(types.data(), identity.data(), label, sizes.slotBytes(), Partition.READ_ONLY);
        add(types.hash(), identity.hash(), label, hashBytes, Partition.READ_ONLY);
        if (signatureBytes > 0) {
            add(
                    types.signature(),
                    identifiers.uuid(signature),
                    label,
                    signatureBytes,
                    Partition.READ_ONLY);
        }
    }

    private void add(UUID type, Purpose uuid, String name, long sizeBytes, long attributes) {
        add(type, identifiers.uuid(uuid), name, sizeBytes, attributes);
    }

    private void add(UUID type, UUID uuid, String name, long sizeBytes, long attributes) {
        partitions.add(
                new Partition(
                        partitions.size() + 1,
                        type,
                        uuid,
                        name,
                        nextBytes / sectorSizeBytes,
                        (nextBytes + sizeBytes) / sectorSizeBytes - 1,
                        attributes));
        nextBytes += sizeBytes;
    }

    private void checkSlot(String option, long neededBytes, long givenBytes)
            throws FlipsideException {
        if (givenBytes < neededBytes) {
            throw new FlipsideException(
                    FailureCode.SLOT_TOO_SMALL,
                    "slot of the new disk",
                    "at least %d bytes for %s %s"
                            .formatted(neededBytes, manifest.product(), manifest.version()),
                    "%d bytes".formatted(givenBytes),
                    "give a larger %s, with room for releases to come".formatted(option));
        }
    }

    private void checkDisk() throws FlipsideException {
        if (sizes.varBytes().orElse(MIN_VAR_BYTES) < MIN_VAR_BYTES) {
            throw tooSmall(
                    "at least %d bytes for /var".formatted(MIN_VAR_BYTES),
                    sizes.varBytes().getAsLong(),
                    "give a larger --var-size");
        }
        if (diskBytes < neededBytes()) {
            throw tooSmall(
                    "at least %d bytes for ESP, two slots and /var".formatted(neededBytes()),
                    diskBytes,
                    "give a larger --size, or smaller partitions");
        }
    }

    private long neededBytes() {
        long tables = 2 * DiskSizes.ALIGNMENT_BYTES;
        long slots = 2 * (sizes.slotBytes() + hashBytes + signatureBytes);
        return tables + sizes.espBytes() + slots + sizes.varBytes().orElse(MIN_VAR_BYTES);
    }

    private static FlipsideException tooSmall(String expected, long foundBytes, String action) {
        return new FlipsideException(
                FailureCode.DISK_TOO_SMALL,
                "new disk",
                expected,
                "%d bytes".formatted(foundBytes),
                action);
    }

    private static long alignedUp(long bytes) {
        return Math.ceilDiv(bytes, DiskSizes.ALIGNMENT_BYTES) * DiskSizes.ALIGNMENT_BYTES;
    }

    private static long alignedDown(long bytes) {
        return bytes / DiskSizes.ALIGNMENT_BYTES * DiskSizes.ALIGNMENT_BYTES;
    }
}
