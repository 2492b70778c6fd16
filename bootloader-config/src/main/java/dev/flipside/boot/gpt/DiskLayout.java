package dev.flipside.boot.gpt;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What the partitions of a Flipside disk are for. They are told by their types and their order on
 * the disk (slot A's before slot B's), never by labels or UUIDs, which say what a slot holds.
 */
public record DiskLayout(
        Gpt gpt,
        Architecture architecture,
        Usage usage,
        Partition esp,
        Slot slotA,
        Slot slotB,
        Optional<Partition> varPartition) {

    /** The label of the partition with the host's own data. */
    public static final String VAR_LABEL = "var";

    /** Which of the two slots. */
    public enum SlotName {
        A,
        B;

        public SlotName other() {
            return switch (this) {
                case A -> B;
                case B -> A;
            };
        }
    }

    /** The partitions of one slot. */
    public record Slot(SlotName name, Partition data, Partition hash) {
        /** What the partitions say they hold. */
        public SlotIdentity identity() {
            return new SlotIdentity(data.uuid(), hash.uuid(), data.name());
        }

        /** The same partitions under another identity, for {@link Gpt#replacing}. */
        public List<Partition> identified(SlotIdentity identity) {
            return List.of(
                    data.identified(identity.data(), identity.label()),
                    hash.identified(identity.hash(), identity.label()));
        }
    }

    /**
     * Finds the partitions in a table.
     *
     * @throws FlipsideException {@code slot-unknown} when the table is not that of a Flipside disk
     */
    public static DiskLayout find(Gpt gpt) throws FlipsideException {
        List<DiskLayout> found = new ArrayList<>();
        for (Architecture architecture : Architecture.values()) {
            for (Usage usage : Usage.values()) {
                of(gpt, architecture, usage).ifPresent(found::add);
            }
        }
        if (found.size() != 1) {
            throw unknown(
                    "one ESP, and two data and two hash partitions of one architecture and usage",
                    found.isEmpty()
                            ? "%d partitions without them".formatted(gpt.partitions().size())
                            : "those of %d".formatted(found.size()));
        }
        return found.getFirst();
    }

    public Slot slot(SlotName name) {
        return switch (name) {
            case A -> slotA;
            case B -> slotB;
        };
    }

    /**
     * All partitions of a slot under another identity, for {@link Gpt#replacing}. That of the
     * signature keeps its UUID, which is not made of the root hash.
     */
    public List<Partition> identified(SlotName name, SlotIdentity identity) {
        List<Partition> changed = new ArrayList<>(slot(name).identified(identity));
        signature(name).ifPresent(it -> changed.add(it.identified(it.uuid(), identity.label())));
        return changed;
    }

    /** Where the signature of a slot's root hash is, on disks that have room for it. */
    public Optional<Partition> signature(SlotName name) {
        List<Partition> found = ofType(gpt, SlotTypes.of(architecture, usage).signature());
        return found.size() != 2
                ? Optional.empty()
                : Optional.of(
                        switch (name) {
                            case A -> found.getFirst();
                            case B -> found.getLast();
                        });
    }

    /**
     * The slot whose data partition has a UUID, as the initrd looks for it.
     *
     * @throws FlipsideException {@code slot-unknown} when none has it, or both
     */
    public Slot slotWithData(UUID uuid) throws FlipsideException {
        boolean a = slotA.data().uuid().equals(uuid);
        boolean b = slotB.data().uuid().equals(uuid);
        if (a == b) {
            throw unknown(
                    "one data partition with UUID " + uuid, a ? "both slots claim it" : "none");
        }
        return a ? slotA : slotB;
    }

    private static Optional<DiskLayout> of(Gpt gpt, Architecture architecture, Usage usage) {
        SlotTypes types = SlotTypes.of(architecture, usage);
        List<Partition> esp = ofType(gpt, PartitionTypes.ESP);
        List<Partition> data = ofType(gpt, types.data());
        List<Partition> hash = ofType(gpt, types.hash());
        if (esp.size() != 1 || data.size() != 2 || hash.size() != 2) {
            return Optional.empty();
        }
        return Optional.of(
                new DiskLayout(
                        gpt,
                        architecture,
                        usage,
                        esp.getFirst(),
                        new Slot(SlotName.A, data.getFirst(), hash.getFirst()),
                        new Slot(SlotName.B, data.getLast(), hash.getLast()),
                        gpt.partitions().stream()
                                .filter(DiskLayout::isVar)
                                .min(Comparator.comparingLong(Partition::firstLba))));
    }

    /** Whether a partition is for the host's own data, by its type and its label. */
    static boolean isVar(Partition partition) {
        return partition.type().equals(PartitionTypes.LINUX_DATA)
                && partition.name().equals(VAR_LABEL);
    }

    private static List<Partition> ofType(Gpt gpt, UUID type) {
        return gpt.partitions().stream()
                .filter(partition -> partition.type().equals(type))
                .sorted(Comparator.comparingLong(Partition::firstLba))
                .toList();
    }

    private static FlipsideException unknown(String expected, String found) {
        return new FlipsideException(
                FailureCode.SLOT_UNKNOWN,
                "disk layout",
                expected,
                found,
                "write the disk with 'flipside-image disk'");
    }
}
