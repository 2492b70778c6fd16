package dev.flipside.boot.gpt;

import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The array of entries (UEFI 2.10, 5.3.3), 128 bytes each, little-endian: 0 type, 16 unique GUID,
 * 32 first LBA, 40 last LBA, 48 attributes, 56 name in UTF-16LE padded with NUL. An entry whose
 * type is zero is not used.
 */
final class GptEntries {
    private static final int SIZE = GptHeader.ENTRY_SIZE_BYTES;
    private static final int NAME_OFFSET = 56;
    private static final UUID UNUSED = new UUID(0, 0);

    private GptEntries() {}

    static ByteBuffer encode(List<Partition> partitions, int entryCount) {
        ByteBuffer out = ByteBuffer.allocate(entryCount * SIZE).order(ByteOrder.LITTLE_ENDIAN);
        for (Partition partition : partitions) {
            int at = (partition.number() - 1) * SIZE;
            Guids.write(out, at, partition.type());
            Guids.write(out, at + 16, partition.uuid());
            out.putLong(at + 32, partition.firstLba())
                    .putLong(at + 40, partition.lastLba())
                    .putLong(at + 48, partition.attributes());
            for (int i = 0; i < partition.name().length(); i++) {
                out.putChar(at + NAME_OFFSET + 2 * i, partition.name().charAt(i));
            }
        }
        return out;
    }

    static List<Partition> decode(ByteBuffer array, GptHeader header) throws FlipsideException {
        ByteBuffer in = array.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < header.entryCount(); i++) {
            UUID type = Guids.read(in, i * SIZE);
            if (!type.equals(UNUSED)) {
                partitions.add(partition(in, i, type));
            }
        }
        Optional<String> problem =
                problem(partitions, header.firstUsableLba(), header.lastUsableLba());
        if (problem.isPresent()) {
            throw GptHeader.malformed("partitions side by side", problem.get());
        }
        return partitions;
    }

    /** What is wrong with the places of the partitions, if anything is. */
    static Optional<String> problem(
            List<Partition> partitions, long firstUsableLba, long lastUsableLba) {
        List<Partition> sorted = new ArrayList<>(partitions);
        sorted.sort(Comparator.comparingLong(Partition::firstLba));
        long next = firstUsableLba;
        for (Partition partition : sorted) {
            if (partition.firstLba() < firstUsableLba || partition.lastLba() > lastUsableLba) {
                return Optional.of(
                        "partition %d outside of LBA %d to %d"
                                .formatted(partition.number(), firstUsableLba, lastUsableLba));
            }
            if (partition.firstLba() < next) {
                return Optional.of("partition %d overlaps another".formatted(partition.number()));
            }
            next = partition.lastLba() + 1;
        }
        return Optional.empty();
    }

    private static Partition partition(ByteBuffer in, int index, UUID type)
            throws FlipsideException {
        int at = index * SIZE;
        long firstLba = in.getLong(at + 32);
        long lastLba = in.getLong(at + 40);
        if (firstLba < 0 || lastLba < firstLba) {
            throw GptHeader.malformed(
                    "partition %d to end after its start".formatted(index + 1),
                    "LBA %s to %s"
                            .formatted(
                                    Long.toUnsignedString(firstLba),
                                    Long.toUnsignedString(lastLba)));
        }
        return new Partition(
                index + 1,
                type,
                Guids.read(in, at + 16),
                name(in, at + NAME_OFFSET),
                firstLba,
                lastLba,
                in.getLong(at + 48));
    }

    private static String name(ByteBuffer in, int at) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < Partition.MAX_NAME_LENGTH; i++) {
            char unit = in.getChar(at + 2 * i);
            if (unit == 0) {
                break;
            }
            name.append(unit);
        }
        return name.toString();
    }
}
