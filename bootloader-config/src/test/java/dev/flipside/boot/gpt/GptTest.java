package dev.flipside.boot.gpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.RecordingDisk;
import dev.flipside.boot.RecordingDisk.Operation;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GptTest {
    private static final UUID DISK = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final int SECTORS = 512;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void readsWhatItWrote(int sectorSize) throws Exception {
        RecordingDisk disk = new RecordingDisk(sectorSize, SECTORS);
        Gpt gpt = twoPartitions(sectorSize);
        gpt.create(disk);
        GptOnDisk found = Gpt.read(disk);
        assertEquals(new GptOnDisk(gpt, true, true, true, true), found);
        assertEquals((byte) 0x55, disk.bytes()[510]);
        assertEquals((byte) 0xEE, disk.bytes()[450]);
    }

    @Test
    void storesGuidsWithTheirFirstThreeFieldsLittleEndian() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        twoPartitions(512).create(disk);
        assertEquals(
                "33221100554477668899aabbccddeeff",
                HexFormat.of().formatHex(disk.bytes(), 512 + 56, 512 + 72));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void holdsTheOldOrTheNewTableWhereverThePowerIsCut(int sectorSize) throws Exception {
        RecordingDisk before = new RecordingDisk(sectorSize, SECTORS);
        Gpt old = twoPartitions(sectorSize);
        old.create(before);
        Partition first = old.partitions().getFirst();
        Gpt next = old.replacing(List.of(first.identified(new UUID(7, 7), "renamed")));
        RecordingDisk recorder = before.copy();
        next.write(recorder);
        for (byte[] state : statesAfterACut(before, recorder.operations(), sectorSize)) {
            RecordingDisk cut = new RecordingDisk(sectorSize, SECTORS);
            System.arraycopy(state, 0, cut.bytes(), 0, state.length);
            Gpt found = Gpt.read(cut).gpt();
            assertTrue(found.equals(old) || found.equals(next));
        }
    }

    @Test
    void flushesTheBackupBeforeItTouchesThePrimary() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        twoPartitions(512).write(disk);
        List<String> steps =
                disk.operations().stream()
                        .map(
                                operation ->
                                        switch (operation) {
                                            case Operation.Write write ->
                                                    write.offsetBytes() < SECTORS * 256L
                                                            ? "primary"
                                                            : "backup";
                                            case Operation.Flush flush -> "flush";
                                        })
                        .toList();
        assertEquals(List.of("backup", "backup", "flush", "primary", "primary", "flush"), steps);
    }

    @Test
    void readsTheBackupWhenThePrimaryIsTorn() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        Gpt gpt = twoPartitions(512);
        gpt.create(disk);
        disk.bytes()[2 * 512 + 5] ^= 1;
        assertEquals(new GptOnDisk(gpt, false, true, false, true), Gpt.read(disk));
    }

    @Test
    void saysThatTheBackupIsNotAtTheEndOfADiskThatHasGrown() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        Gpt gpt = twoPartitions(512);
        gpt.create(disk);
        GptOnDisk found = Gpt.read(disk.resized(SECTORS * 2));
        assertEquals(new GptOnDisk(gpt, true, true, true, false), found);
    }

    @Test
    void refusesATableOfADiskThatHasShrunk() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        twoPartitions(512).create(disk);
        assertMalformed(disk.resized(SECTORS / 2));
    }

    @Test
    void refusesADiskWithoutATable() {
        assertMalformed(new RecordingDisk(512, SECTORS));
        assertMalformed(new RecordingDisk(512, 3));
        assertMalformed(new RecordingDisk(4096, 0));
    }

    @Test
    void refusesATableOfWhichAByteHasFlipped() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        Gpt gpt = twoPartitions(512);
        gpt.create(disk);
        wipeBackup(disk);
        for (int i = 512; i < 512 + 92; i++) {
            assertRefusedWithFlip(disk, i);
        }
        for (int i = 1024; i < 1024 + 128 * 128; i += 13) {
            assertRefusedWithFlip(disk, i);
        }
    }

    @Test
    void refusesHostileHeadersWithARightChecksum() throws Exception {
        long[] hostile = {
            0,
            1,
            2,
            33,
            SECTORS - 33,
            SECTORS - 2,
            SECTORS - 1,
            SECTORS,
            -1,
            Long.MAX_VALUE,
            Long.MIN_VALUE
        };
        for (int field : new int[] {24, 32, 40, 48, 72}) {
            for (long value : hostile) {
                RecordingDisk disk = new RecordingDisk(512, SECTORS);
                Gpt gpt = twoPartitions(512);
                gpt.create(disk);
                wipeBackup(disk);
                ByteBuffer header = header(disk);
                long right = header.getLong(field);
                header.putLong(field, value);
                sign(header);
                if (value != right) {
                    assertMalformed(disk);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1025, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesAnUnboundedNumberOfEntries(int count) throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        twoPartitions(512).create(disk);
        wipeBackup(disk);
        ByteBuffer header = header(disk);
        header.putInt(80, count);
        sign(header);
        assertMalformed(disk);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1, 127, 256, Integer.MAX_VALUE})
    void refusesEntriesOfAnotherSize(int size) throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        twoPartitions(512).create(disk);
        wipeBackup(disk);
        ByteBuffer header = header(disk);
        header.putInt(84, size);
        sign(header);
        assertMalformed(disk);
    }

    @Test
    void refusesPartitionsThatOverlapOrLeaveTheDisk() throws Exception {
        long[][] places = {{64, 127}, {100, 200}, {33, 40}, {400, 479}, {50, 40}, {-1, -1}};
        for (long[] place : places) {
            RecordingDisk disk = new RecordingDisk(512, SECTORS);
            twoPartitions(512).create(disk);
            wipeBackup(disk);
            ByteBuffer bytes = ByteBuffer.wrap(disk.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(1024 + 4 * 128 + 32, place[0]).putLong(1024 + 4 * 128 + 40, place[1]);
            CRC32 crc = new CRC32();
            crc.update(disk.bytes(), 1024, 128 * 128);
            header(disk).putInt(88, (int) crc.getValue());
            sign(header(disk));
            assertMalformed(disk);
        }
    }

    @Test
    void givesAValueOrAFailureForAnyBytes() throws Exception {
        long seed = 20261101;
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            RecordingDisk disk = new RecordingDisk(512, SECTORS);
            twoPartitions(512).create(disk);
            for (int i = 0; i < 8; i++) {
                disk.bytes()[512 + random.nextInt(92)] = (byte) random.nextInt();
            }
            sign(header(disk), random.nextInt(600));
            try {
                Gpt.read(disk);
            } catch (FlipsideException e) {
                assertEquals(
                        FailureCode.GPT_MALFORMED,
                        e.failure().code(),
                        "seed %d round %d".formatted(seed, round));
            }
        }
    }

    @Test
    void leavesEntriesOfOthersAsTheyAre() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SECTORS);
        Gpt gpt = twoPartitions(512);
        gpt.create(disk);
        byte[] before = disk.bytes().clone();
        Gpt.read(disk).gpt().write(disk);
        assertArrayEquals(before, disk.bytes());
    }

    private static Gpt twoPartitions(int sectorSize) {
        return Gpt.empty(DISK, sectorSize, SECTORS)
                .withPartitions(
                        List.of(
                                new Partition(
                                        1, PartitionTypes.ESP, new UUID(1, 2), "esp", 64, 127, 0),
                                new Partition(
                                        5,
                                        PartitionTypes.LINUX_DATA,
                                        new UUID(3, 4),
                                        "v".repeat(36),
                                        128,
                                        300,
                                        Partition.READ_ONLY | Partition.NO_AUTO)));
    }

    private static List<byte[]> statesAfterACut(
            RecordingDisk before, List<Operation> operations, int sectorSize) {
        List<byte[]> states = new ArrayList<>();
        byte[] state = before.bytes().clone();
        for (Operation operation : operations) {
            if (operation instanceof Operation.Write(long offset, ByteBuffer content)) {
                for (int done = 0; done < content.capacity(); done += sectorSize) {
                    content.get(done, state, (int) offset + done, sectorSize);
                    states.add(state.clone());
                }
            }
        }
        return states;
    }

    private static void assertRefusedWithFlip(RecordingDisk disk, int index) {
        disk.bytes()[index] ^= 0x10;
        assertMalformed(disk);
        disk.bytes()[index] ^= 0x10;
    }

    private static void assertMalformed(RecordingDisk disk) {
        FlipsideException e = assertThrows(FlipsideException.class, () -> Gpt.read(disk));
        assertEquals(FailureCode.GPT_MALFORMED, e.failure().code());
        assertFalse(e.failure().line().contains("\n"));
    }

    private static void wipeBackup(RecordingDisk disk) {
        Arrays.fill(disk.bytes(), disk.bytes().length - 33 * 512, disk.bytes().length, (byte) 0);
    }

    private static ByteBuffer header(RecordingDisk disk) {
        return ByteBuffer.wrap(disk.bytes(), 512, 512).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void sign(ByteBuffer header) {
        sign(header, 92);
    }

    private static void sign(ByteBuffer header, int size) {
        header.putInt(16, 0);
        CRC32 crc = new CRC32();
        crc.update(header.slice(0, Math.min(size, 512)));
        header.putInt(16, (int) crc.getValue());
    }
}
