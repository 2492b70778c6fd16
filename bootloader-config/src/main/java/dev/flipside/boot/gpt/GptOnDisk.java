package dev.flipside.boot.gpt;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What a disk says about its partitions.
 *
 * @param gpt the table that firmware and kernel use: the primary copy, else the backup
 * @param primaryValid whether the copy at the start can be trusted
 * @param backupValid whether the copy at the end can be trusted
 * @param copiesAgree whether both can, and say the same
 * @param backupAtEnd whether the backup is in the last sector; it is not when the disk has grown
 */
public record GptOnDisk(
        Gpt gpt,
        boolean primaryValid,
        boolean backupValid,
        boolean copiesAgree,
        boolean backupAtEnd) {

    private static final int MIN_SECTORS = 8;

    private sealed interface Copy {
        record Valid(Gpt gpt) implements Copy {}

        record Invalid(FlipsideException why) implements Copy {}
    }

    static GptOnDisk read(BlockDevice device) throws IOException, FlipsideException {
        long sectors = device.sizeBytes() / device.sectorSizeBytes();
        if (sectors < MIN_SECTORS) {
            throw GptHeader.malformed("a disk with a GPT", sectors + " sectors");
        }
        return switch (copyAt(device, 1)) {
            case Copy.Valid(Gpt primary) ->
                    switch (copyAt(device, primary.sectors() - 1)) {
                        case Copy.Valid(Gpt backup) ->
                                new GptOnDisk(
                                        primary,
                                        true,
                                        true,
                                        primary.equals(backup),
                                        primary.sectors() == sectors);
                        case Copy.Invalid invalid ->
                                new GptOnDisk(
                                        primary, true, false, false, primary.sectors() == sectors);
                    };
            case Copy.Invalid primary ->
                    switch (copyAt(device, sectors - 1)) {
                        case Copy.Valid(Gpt backup) ->
                                new GptOnDisk(backup, false, true, false, true);
                        case Copy.Invalid backup -> throw neither(primary, backup);
                    };
        };
    }

    /**
     * Puts back a primary copy that cannot be trusted: a table is written backup first, and that
     * must not be the only whole copy then.
     */
    public void mendPrimary(BlockDevice device) throws IOException {
        if (!primaryValid) {
            gpt.writePrimary(device);
        }
    }

    private static Copy copyAt(BlockDevice device, long lba) throws IOException {
        try {
            return new Copy.Valid(tableAt(device, lba));
        } catch (FlipsideException e) {
            return new Copy.Invalid(e);
        }
    }

    private static Gpt tableAt(BlockDevice device, long lba) throws IOException, FlipsideException {
        int sectorSizeBytes = device.sectorSizeBytes();
        ByteBuffer sector = ByteBuffer.allocate(sectorSizeBytes);
        device.read(sector, lba * sectorSizeBytes);
        GptHeader header =
                GptHeader.decode(
                        sector.rewind(), lba, device.sizeBytes() / device.sectorSizeBytes());
        ByteBuffer entries = ByteBuffer.allocate(header.entriesSizeBytes());
        device.read(entries, header.entriesLba() * sectorSizeBytes);
        int crc = GptHeader.crc(entries.rewind());
        if (crc != header.entriesCrc()) {
            throw GptHeader.malformed(
                    "entries CRC 0x%08x".formatted(header.entriesCrc()), "0x%08x".formatted(crc));
        }
        return new Gpt(
                header.diskGuid(),
                sectorSizeBytes,
                Math.max(header.ownLba(), header.otherLba()) + 1,
                header.firstUsableLba(),
                header.lastUsableLba(),
                header.entryCount(),
                GptEntries.decode(entries, header));
    }

    private static FlipsideException neither(Copy.Invalid primary, Copy.Invalid backup) {
        return GptHeader.malformed(
                "a valid GPT at the start or at the end of the disk",
                "primary: expected %s, found %s; backup: expected %s, found %s"
                        .formatted(
                                primary.why().failure().expected(),
                                primary.why().failure().found(),
                                backup.why().failure().expected(),
                                backup.why().failure().found()));
    }
}
